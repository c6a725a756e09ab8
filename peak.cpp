#include <immintrin.h>
#include <cstdio>
#include <chrono>
int main(){ __m512 c[24]; for(auto&x:c)x=_mm512_set1_ps(1.f); __m512 a=_mm512_set1_ps(0.999f),b=_mm512_set1_ps(1e-4f);
 double best=1e9; for(int rep=0;rep<50;rep++){auto s=std::chrono::steady_clock::now(); for(int i=0;i<200000;i++){
#pragma GCC unroll 24
 for(int j=0;j<24;j++)c[j]=_mm512_fmadd_ps(c[j],a,b); asm volatile(""::: "memory");}
 double t=std::chrono::duration<double>(std::chrono::steady_clock::now()-s).count(); if(t<best)best=t;}
 float s=0; for(auto&x:c)s+=_mm512_reduce_add_ps(x); printf("peak %.1f GF (%g)\n",200000.0*24*32/best*1e-9,s);}
