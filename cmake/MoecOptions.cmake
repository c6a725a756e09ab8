# Flags of our own code: warning-free, visible only where declared.
find_program(MOEC_CCACHE ccache)
if(MOEC_CCACHE)
  # ccache caches users of a precompiled header only when told that it may.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${MOEC_CCACHE})
endif()

set(MOEC_SANITIZE_FLAGS "")
if(MOEC_SANITIZE)
  set(MOEC_SANITIZE_FLAGS -fsanitize=${MOEC_SANITIZE} -fno-omit-frame-pointer)
  add_compile_options(${MOEC_SANITIZE_FLAGS})
  add_link_options(${MOEC_SANITIZE_FLAGS})
endif()

# moec_library(NAME SOURCES a.cpp ... LINK lib ...): a static library of ours.
function(moec_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# moec_precompile(NAME header ...): parses slow headers of a target once. Without
# its time stamp the parsed file is the same each time, so ccache can serve it.
option(MOEC_PCH "Precompile slow headers" ON)
function(moec_precompile name)
  if(MOEC_PCH)
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${name} PRIVATE ${ARGN})
  endif()
endfunction()

# moec_tool(NAME SOURCES a.cpp ... LINK lib ...): a binary in build/bin.
function(moec_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
endfunction()

# moec_gtest(NAME SOURCES a.cpp ... LINK lib ... LABELS l ... [PCH target]): one
# gtest binary, one ctest entry. PCH: whose precompiled headers it uses instead of
# GoogleTest's.
function(moec_gtest name)
  cmake_parse_arguments(ARG "" "PCH" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT GTest_FOUND)
    message(STATUS "${name}: GoogleTest not found, test left out")
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest_main)
  if(MOEC_PCH AND NOT ARG_PCH)
    if(NOT TARGET moec_gtest_pch)
      add_library(moec_gtest_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch/Empty.cpp)
      target_link_libraries(moec_gtest_pch PRIVATE GTest::gmock)
      moec_precompile(moec_gtest_pch <gtest/gtest.h> <gmock/gmock.h>)
    endif()
    set(ARG_PCH moec_gtest_pch)
  endif()
  if(MOEC_PCH)
    target_precompile_headers(${name} REUSE_FROM ${ARG_PCH})
    target_compile_options(${name} PRIVATE -fPIC) # as the header is
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                           ${CMAKE_BINARY_DIR}/test/bin)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}")
endfunction()
