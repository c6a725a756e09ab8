// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-expand-math))" | FileCheck %s

// CHECK-LABEL: func @polynomials
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK-NOT: math.rsqrt
// CHECK: math.sqrt
// CHECK-NEXT: arith.divf
// CHECK: math.sin
func.func @polynomials(%x: f32) -> f32 {
  %a = math.exp %x : f32
  %b = math.tanh %a : f32
  %c = math.rsqrt %b : f32
  %d = math.sin %c : f32
  return %d : f32
}

// libm serves f64.
// CHECK-LABEL: func @double
// CHECK: math.exp %{{.*}} : f64
func.func @double(%x: f64) -> f64 {
  %a = math.exp %x : f64
  return %a : f64
}

// No conversion on bf16 is left; f64 is rounded to odd first.
// CHECK-LABEL: func @small
// CHECK: arith.truncf %{{.*}} : f64 to f32
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf one
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @small(%x: f64, %y: f32) -> (f16, bf16) {
  %a = arith.truncf %x : f64 to f16
  %b = arith.truncf %y : f32 to bf16
  return %a, %b : f16, bf16
}
