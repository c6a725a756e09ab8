// RUN: moe-opt %s --moe-recognize | FileCheck %s

// Form G: rows sorted by expert, one product per expert, and back.

// As transformers' exporter writes it: Range and Gather, banks split in matrices.
// CHECK-LABEL: func @split
func.func @split(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, form = "G", fusion = #moe.fusion<concatenated>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %18 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<3x4x6xf32>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %25 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %34 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %35 = onnx.Softmax(%34) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %36:2 = onnx.TopK(%35, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %37 = onnx.ReduceSum(%36#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %38 = onnx.Div(%36#0, %37) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %39 = onnx.Reshape(%36#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %40 = onnx.Reshape(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %41 = onnx.Shape(%39) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %42 = onnx.Gather(%41, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %43 = onnx.Reshape(%42, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %44:2 = onnx.TopK(%39, %43) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %45 = onnx.Div(%44#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %46 = onnx.Gather(%arg0, %45) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %47 = onnx.Shape(%39) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %48 = onnx.Expand(%c1_000000e_00_f32, %47) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %49 = onnx.ScatterElements(%c0_000000e_00_3_f32, %39, %48) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %50 = onnx.Cast(%49) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %51 = onnx.CumSum(%50, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %52 = onnx.Gather(%51, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %53 = onnx.Gather(%51, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %54 = onnx.Gather(%51, %c2_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %55 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %56 = onnx.Gather(%46, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %57 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %58 = onnx.Gather(%46, %57) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %59 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %60 = onnx.Gather(%46, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %61:3 = onnx.Split(%18) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x4x6xf32>) -> (tensor<1x4x6xf32>, tensor<1x4x6xf32>, tensor<1x4x6xf32>)
  %62 = onnx.Squeeze(%61#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %63 = onnx.Squeeze(%61#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %64 = onnx.Squeeze(%61#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %65 = onnx.MatMul(%56, %62) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %66 = onnx.MatMul(%58, %63) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %67 = onnx.MatMul(%60, %64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %68 = onnx.Concat(%65, %66, %67) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %69:2 = onnx.Split(%68) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %70 = onnx.Sigmoid(%69#0) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %71 = onnx.Mul(%69#0, %70) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %72 = onnx.Mul(%71, %69#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %73 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %74 = onnx.Gather(%72, %73) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %75 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %76 = onnx.Gather(%72, %75) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %77 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %78 = onnx.Gather(%72, %77) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %79:3 = onnx.Split(%25) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>)
  %80 = onnx.Squeeze(%79#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %81 = onnx.Squeeze(%79#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %82 = onnx.Squeeze(%79#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %83 = onnx.MatMul(%74, %80) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %84 = onnx.MatMul(%76, %81) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %85 = onnx.MatMul(%78, %82) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %86 = onnx.Concat(%83, %84, %85) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %87 = onnx.Gather(%40, %44#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %88 = onnx.Unsqueeze(%87, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %89 = onnx.Mul(%86, %88) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %90 = onnx.Shape(%44#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %91 = onnx.ConstantOfShape(%90) {opset = 20 : i64, value = dense<0> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  %92 = onnx.Range(%c0_i64, %42, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %93 = onnx.ScatterElements(%91, %44#1, %92) {axis = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  %94 = onnx.Gather(%89, %93) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %95 = onnx.Reshape(%94, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %96 = onnx.ReduceSum(%95, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %96 : tensor<?x4xf32>
}

// The number of rows comes from another tensor of as many: the exporter's fusions
// compute it once for all layers.
// CHECK-LABEL: func @shared_length
func.func @shared_length(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, form = "G", fusion = #moe.fusion<concatenated>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %18 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<3x4x6xf32>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %25 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %34 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %35 = onnx.Softmax(%34) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %36:2 = onnx.TopK(%35, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %37 = onnx.ReduceSum(%36#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %38 = onnx.Div(%36#0, %37) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %39 = onnx.Reshape(%36#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %40 = onnx.Reshape(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %other = onnx.Concat(%arg0, %arg0) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %both = onnx.Shape(%other) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %41 = onnx.Gather(%both, %c0_1_i64) {opset = 20 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
  %42 = onnx.Gather(%41, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %43 = onnx.Reshape(%42, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %44:2 = onnx.TopK(%39, %43) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %45 = onnx.Div(%44#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %46 = onnx.Gather(%arg0, %45) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %47 = onnx.Shape(%39) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %48 = onnx.Expand(%c1_000000e_00_f32, %47) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %49 = onnx.ScatterElements(%c0_000000e_00_3_f32, %39, %48) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %50 = onnx.Cast(%49) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %51 = onnx.CumSum(%50, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %52 = onnx.Gather(%51, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %53 = onnx.Gather(%51, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %54 = onnx.Gather(%51, %c2_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %55 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %56 = onnx.Gather(%46, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %57 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %58 = onnx.Gather(%46, %57) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %59 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %60 = onnx.Gather(%46, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %61:3 = onnx.Split(%18) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x4x6xf32>) -> (tensor<1x4x6xf32>, tensor<1x4x6xf32>, tensor<1x4x6xf32>)
  %62 = onnx.Squeeze(%61#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %63 = onnx.Squeeze(%61#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %64 = onnx.Squeeze(%61#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %65 = onnx.MatMul(%56, %62) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %66 = onnx.MatMul(%58, %63) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %67 = onnx.MatMul(%60, %64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %68 = onnx.Concat(%65, %66, %67) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %69:2 = onnx.Split(%68) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %70 = onnx.Sigmoid(%69#0) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %71 = onnx.Mul(%69#0, %70) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %72 = onnx.Mul(%71, %69#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %73 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %74 = onnx.Gather(%72, %73) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %75 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %76 = onnx.Gather(%72, %75) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %77 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %78 = onnx.Gather(%72, %77) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %79:3 = onnx.Split(%25) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>)
  %80 = onnx.Squeeze(%79#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %81 = onnx.Squeeze(%79#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %82 = onnx.Squeeze(%79#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %83 = onnx.MatMul(%74, %80) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %84 = onnx.MatMul(%76, %81) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %85 = onnx.MatMul(%78, %82) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %86 = onnx.Concat(%83, %84, %85) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %87 = onnx.Gather(%40, %44#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %88 = onnx.Unsqueeze(%87, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %89 = onnx.Mul(%86, %88) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %90 = onnx.Shape(%44#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %91 = onnx.ConstantOfShape(%90) {opset = 20 : i64, value = dense<0> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  %92 = onnx.Range(%c0_i64, %42, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %93 = onnx.ScatterElements(%91, %44#1, %92) {axis = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  %94 = onnx.Gather(%89, %93) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %95 = onnx.Reshape(%94, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %96 = onnx.ReduceSum(%95, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %96 : tensor<?x4xf32>
}

// Slices of rows and of banks, the permutation inverted by a second sort.
// CHECK-LABEL: func @sliced
func.func @sliced(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, form = "G"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %22 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %c3_1_i64 = onnx.Constant dense<3> : tensor<1xi64>
  %43 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %59 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %60 = onnx.Softmax(%59) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %61:2 = onnx.TopK(%60, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %62 = onnx.ReduceSum(%61#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %63 = onnx.Div(%61#0, %62) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %64 = onnx.Reshape(%61#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %65 = onnx.Reshape(%63, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %66 = onnx.Shape(%64) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %67 = onnx.Gather(%66, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %68 = onnx.Reshape(%67, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %69:2 = onnx.TopK(%64, %68) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %70 = onnx.Div(%69#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %71 = onnx.Gather(%arg0, %70) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %72 = onnx.Shape(%64) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %73 = onnx.Expand(%c1_000000e_00_f32, %72) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %74 = onnx.ScatterElements(%c0_000000e_00_3_f32, %64, %73) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %75 = onnx.Cast(%74) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %76 = onnx.CumSum(%75, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %77 = onnx.Gather(%76, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %78 = onnx.Gather(%76, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %79 = onnx.Gather(%76, %c2_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %81 = onnx.Reshape(%77, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %82 = onnx.Slice(%71, %c0_1_i64, %81, %c0_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  %83 = onnx.Reshape(%77, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %84 = onnx.Reshape(%78, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %85 = onnx.Slice(%71, %83, %84, %c0_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  %86 = onnx.Reshape(%78, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %87 = onnx.Reshape(%79, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %88 = onnx.Slice(%71, %86, %87, %c0_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  %89 = onnx.Slice(%22, %c0_1_i64, %c1_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x4x3xf32>
  %90 = onnx.Squeeze(%89, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %91 = onnx.Slice(%22, %c1_1_i64, %c2_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x4x3xf32>
  %92 = onnx.Squeeze(%91, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %93 = onnx.Slice(%22, %c2_1_i64, %c3_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x4x3xf32>
  %94 = onnx.Squeeze(%93, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %95 = onnx.MatMul(%82, %90) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %96 = onnx.MatMul(%85, %92) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %97 = onnx.MatMul(%88, %94) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %98 = onnx.Concat(%95, %96, %97) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %99 = onnx.Relu(%98) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %101 = onnx.Reshape(%77, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %102 = onnx.Slice(%99, %c0_1_i64, %101, %c0_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3xf32>
  %103 = onnx.Reshape(%77, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %104 = onnx.Reshape(%78, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %105 = onnx.Slice(%99, %103, %104, %c0_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3xf32>
  %106 = onnx.Reshape(%78, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %107 = onnx.Reshape(%79, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %108 = onnx.Slice(%99, %106, %107, %c0_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3xf32>
  %109 = onnx.Slice(%43, %c0_1_i64, %c1_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x3x4xf32>
  %110 = onnx.Squeeze(%109, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %111 = onnx.Slice(%43, %c1_1_i64, %c2_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x3x4xf32>
  %112 = onnx.Squeeze(%111, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %113 = onnx.Slice(%43, %c2_1_i64, %c3_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x3x4xf32>
  %114 = onnx.Squeeze(%113, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %115 = onnx.MatMul(%102, %110) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %116 = onnx.MatMul(%105, %112) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %117 = onnx.MatMul(%108, %114) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %118 = onnx.Concat(%115, %116, %117) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %119 = onnx.Gather(%65, %69#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %120 = onnx.Unsqueeze(%119, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %121 = onnx.Mul(%118, %120) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %122 = onnx.Shape(%69#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %123:2 = onnx.TopK(%69#1, %122) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %124 = onnx.Gather(%121, %123#1) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %125 = onnx.Reshape(%124, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %126 = onnx.ReduceSum(%125, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %126 : tensor<?x4xf32>
}

// Rows split by counts, matrices transposed, rows added to their tokens.
// CHECK-LABEL: func @counted
func.func @counted(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "G"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c3_i64 = onnx.Constant dense<3> : tensor<i64>
  %c0_1_2_i64 = onnx.Constant dense<[0, 1]> : tensor<2xi64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %10 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %14 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Size(%25) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<i64>
  %28 = onnx.Reshape(%27, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %29:2 = onnx.TopK(%25, %28) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %30 = onnx.Div(%29#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %31 = onnx.Gather(%arg0, %30) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %32 = onnx.OneHot(%25, %c3_i64, %c0_1_2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x3xi64>
  %33 = onnx.ReduceSum(%32, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3xi64>, tensor<1xi64>) -> tensor<3xi64>
  %34:3 = onnx.Split(%31, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  %35 = onnx.Gather(%10, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %36 = onnx.Transpose(%35) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %37 = onnx.Gather(%10, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %38 = onnx.Transpose(%37) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %39 = onnx.Gather(%10, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %40 = onnx.Transpose(%39) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %41 = onnx.MatMul(%34#0, %36) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %42 = onnx.MatMul(%34#1, %38) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %43 = onnx.MatMul(%34#2, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %44 = onnx.Concat(%41, %42, %43) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %45 = onnx.Relu(%44) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %46:3 = onnx.Split(%45, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<3xi64>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>)
  %47 = onnx.Gather(%14, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %48 = onnx.Transpose(%47) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %49 = onnx.Gather(%14, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %50 = onnx.Transpose(%49) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %51 = onnx.Gather(%14, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %52 = onnx.Transpose(%51) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %53 = onnx.MatMul(%46#0, %48) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %54 = onnx.MatMul(%46#1, %50) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %55 = onnx.MatMul(%46#2, %52) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %56 = onnx.Concat(%53, %54, %55) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %57 = onnx.Gather(%26, %29#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %58 = onnx.Unsqueeze(%57, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %59 = onnx.Mul(%56, %58) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %60 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %61 = onnx.ConstantOfShape(%60) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
  %62 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %63 = onnx.ScatterND(%61, %62, %59) {opset = 20 : i64, reduction = "add"} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %63 : tensor<?x4xf32>
}

// As JetMoE writes it: counts summed from a mask, taken apart and put together
// again; tokens by a division in floats that rounds towards zero.
// CHECK-LABEL: func @masked
func.func @masked(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "G"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c3_i64 = onnx.Constant dense<3> : tensor<i64>
  %c0_1_2_i64 = onnx.Constant dense<[0, 1]> : tensor<2xi64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %10 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %14 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Size(%25) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<i64>
  %28 = onnx.Reshape(%27, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %29:2 = onnx.TopK(%25, %28) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %q0 = onnx.Cast(%29#1) {opset = 20 : i64, to = 1 : i64} : (tensor<?xi64>) -> tensor<?xf32>
  %q1 = onnx.Div(%q0, %two) {opset = 20 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q2 = onnx.Abs(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q3 = onnx.Floor(%q2) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q4 = onnx.Sign(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q5 = onnx.Mul(%q3, %q4) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %30 = onnx.Cast(%q5) {opset = 20 : i64, to = 7 : i64} : (tensor<?xf32>) -> tensor<?xi64>
  %31 = onnx.Gather(%arg0, %30) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %m0 = onnx.Shape(%20) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %m1 = onnx.ConstantOfShape(%m0) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x3xf32>
  %m2 = onnx.Shape(%22#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %m3 = onnx.ConstantOfShape(%m2) {opset = 20 : i64, value = dense<1.0> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %m4 = onnx.ScatterElements(%m1, %22#1, %m3) {axis = 1 : i64, opset = 20 : i64, reduction = "none"} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %m5 = onnx.Cast(%m4) {opset = 20 : i64, to = 7 : i64} : (tensor<?x3xf32>) -> tensor<?x3xi64>
  %m6 = onnx.ReduceSum(%m5, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3xi64>, tensor<1xi64>) -> tensor<3xi64>
  %c3_1_i64 = onnx.Constant dense<3> : tensor<1xi64>
  %n0 = onnx.Slice(%m6, %c0_1_i64, %c1_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %n1 = onnx.Gather(%m6, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %n2 = onnx.Reshape(%n1, %cm1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %n3 = onnx.Slice(%m6, %c2_1_i64, %c3_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %33 = onnx.Concat(%n0, %n2, %n3) {axis = 0 : i64, opset = 20 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
  %34:3 = onnx.Split(%31, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  %35 = onnx.Gather(%10, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %36 = onnx.Transpose(%35) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %37 = onnx.Gather(%10, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %38 = onnx.Transpose(%37) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %39 = onnx.Gather(%10, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %40 = onnx.Transpose(%39) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %41 = onnx.MatMul(%34#0, %36) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %42 = onnx.MatMul(%34#1, %38) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %43 = onnx.MatMul(%34#2, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %44 = onnx.Concat(%41, %42, %43) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %45 = onnx.Relu(%44) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %46:3 = onnx.Split(%45, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<3xi64>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>)
  %47 = onnx.Gather(%14, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %48 = onnx.Transpose(%47) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %49 = onnx.Gather(%14, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %50 = onnx.Transpose(%49) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %51 = onnx.Gather(%14, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %52 = onnx.Transpose(%51) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %53 = onnx.MatMul(%46#0, %48) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %54 = onnx.MatMul(%46#1, %50) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %55 = onnx.MatMul(%46#2, %52) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %56 = onnx.Concat(%53, %54, %55) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %57 = onnx.Gather(%26, %29#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %58 = onnx.Unsqueeze(%57, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %59 = onnx.Mul(%56, %58) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %60 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %61 = onnx.ConstantOfShape(%60) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
  %62 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %63 = onnx.ScatterND(%61, %62, %59) {opset = 20 : i64, reduction = "add"} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %63 : tensor<?x4xf32>
}

// A weight per expert becomes one bank of regions.
// CHECK-LABEL: func @own_matrices
func.func @own_matrices(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.weight "w2" [#moe.region<"model.data", 200, 48>, #moe.region<"model.data", 300, 48>, #moe.region<"model.data", 400, 48>] : tensor<3x4x3xf32>
  // CHECK: moe.weight "w5" [#moe.region<"model.data", 500, 48>, #moe.region<"model.data", 600, 48>, #moe.region<"model.data", 700, 48>] : tensor<3x3x4xf32>
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, form = "G"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 100, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %18 = onnx.Weight "w2" <"model.data", 200, 48> : tensor<4x3xf32>
  %19 = onnx.Weight "w3" <"model.data", 300, 48> : tensor<4x3xf32>
  // A bank of one expert is a matrix, too.
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %one = onnx.Weight "w4" <"model.data", 400, 48> : tensor<1x4x3xf32>
  %20 = onnx.Squeeze(%one, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %24 = onnx.Weight "w5" <"model.data", 500, 48> : tensor<3x4xf32>
  %25 = onnx.Weight "w6" <"model.data", 600, 48> : tensor<3x4xf32>
  %26 = onnx.Weight "w7" <"model.data", 700, 48> : tensor<3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %32 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %33 = onnx.Softmax(%32) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %34:2 = onnx.TopK(%33, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %35 = onnx.ReduceSum(%34#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %36 = onnx.Div(%34#0, %35) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %37 = onnx.Reshape(%34#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %38 = onnx.Reshape(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %39 = onnx.Shape(%37) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %40 = onnx.Gather(%39, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %41 = onnx.Reshape(%40, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %42:2 = onnx.TopK(%37, %41) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %43 = onnx.Div(%42#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %44 = onnx.Gather(%arg0, %43) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %45 = onnx.Shape(%37) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %46 = onnx.Expand(%c1_000000e_00_f32, %45) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %47 = onnx.ScatterElements(%c0_000000e_00_3_f32, %37, %46) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %48 = onnx.Cast(%47) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %49 = onnx.CumSum(%48, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %50 = onnx.Gather(%49, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %51 = onnx.Gather(%49, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %52 = onnx.Gather(%49, %c2_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %53 = onnx.Range(%c0_i64, %50, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %54 = onnx.Gather(%44, %53) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %55 = onnx.Range(%50, %51, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %56 = onnx.Gather(%44, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %57 = onnx.Range(%51, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %58 = onnx.Gather(%44, %57) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %59 = onnx.MatMul(%54, %18) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %60 = onnx.MatMul(%56, %19) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %61 = onnx.MatMul(%58, %20) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %62 = onnx.Concat(%59, %60, %61) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %63 = onnx.Relu(%62) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %64 = onnx.Range(%c0_i64, %50, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %65 = onnx.Gather(%63, %64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %66 = onnx.Range(%50, %51, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %67 = onnx.Gather(%63, %66) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %68 = onnx.Range(%51, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %69 = onnx.Gather(%63, %68) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %70 = onnx.MatMul(%65, %24) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %71 = onnx.MatMul(%67, %25) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %72 = onnx.MatMul(%69, %26) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %73 = onnx.Concat(%70, %71, %72) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %74 = onnx.Gather(%38, %42#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %75 = onnx.Unsqueeze(%74, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %76 = onnx.Mul(%73, %75) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %77 = onnx.Shape(%42#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %78 = onnx.ConstantOfShape(%77) {opset = 20 : i64, value = dense<0> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  %79 = onnx.Range(%c0_i64, %40, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %80 = onnx.ScatterElements(%78, %42#1, %79) {axis = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  %81 = onnx.Gather(%76, %80) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %82 = onnx.Reshape(%81, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %83 = onnx.ReduceSum(%82, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %83 : tensor<?x4xf32>
}
