# MLIR 22.1 as Debian packages it; ours is an out-of-tree project.
if(NOT MLIR_DIR)
  set(MLIR_DIR /usr/lib/llvm-22/lib/cmake/mlir)
endif()
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND ${LLVM_DEFINITIONS})

# moec_mlir_library(NAME SOURCES ... LINK ... DEPENDS tablegen-targets ...): a
# library that sees MLIR headers and links the one shared libMLIR.
function(moec_mlir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  moec_library(${name} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK} MLIR LLVM)
  moec_use_mlir(${name})
  if(MOEC_PCH)
    target_precompile_headers(${name} REUSE_FROM moec_mlir_pch)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

function(moec_use_mlir name)
  target_include_directories(${name} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}
                                             ${CMAKE_SOURCE_DIR}/compiler ${CMAKE_BINARY_DIR}/compiler)
  target_compile_definitions(${name} PRIVATE ${LLVM_DEFINITIONS_LIST})
  target_compile_options(${name} PRIVATE -fno-rtti -Wno-unused-parameter)
endfunction()

# Where mlir-tblgen looks for MLIR's own and our .td files.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})

# MLIR's headers are most of the compiler's build time: parse them once.
if(MOEC_PCH)
  add_library(moec_mlir_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch/Empty.cpp)
  moec_use_mlir(moec_mlir_pch)
  moec_precompile(moec_mlir_pch ${CMAKE_SOURCE_DIR}/cmake/pch/Mlir.h)
endif()
