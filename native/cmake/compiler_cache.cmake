# Compiles through ccache where it is installed, so that a second clone of the same sources takes seconds. Paths below
# the root of the sources count as relative, so that clones in different folders share results. Set
# CMAKE_C_COMPILER_LAUNCHER (empty for none) to choose otherwise.
cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH LAB_ROOT)
if(NOT DEFINED CMAKE_C_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_C_COMPILER_LAUNCHER})
  find_program(LAB_CCACHE ccache)
  mark_as_advanced(LAB_CCACHE)
  if(LAB_CCACHE)
    # Its folder may be full or read-only: then it fails, and the compiler without it does not.
    set(tried ${CMAKE_CURRENT_BINARY_DIR}/ccache_works)
    file(WRITE ${tried}.c "int ccache_works;\n")
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${LAB_ROOT} CCACHE_NOHASHDIR=1 ${LAB_CCACHE})
    execute_process(COMMAND ${launcher} ${CMAKE_C_COMPILER} -c ${tried}.c -o ${tried}.o RESULT_VARIABLE trouble
                    OUTPUT_QUIET ERROR_QUIET)
    if(trouble)
      message(STATUS "${LAB_CCACHE} does not work here: compiling without it")
    else()
      set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    endif()
  endif()
endif()

# Objects name their sources relative to the root as well: the same sources give the same libraries in every clone, and
# what is remembered of a library by its content holds in all of them.
include(CheckCCompilerFlag)
check_c_compiler_flag(-ffile-prefix-map=a=b LAB_HAS_FILE_PREFIX_MAP)
if(LAB_HAS_FILE_PREFIX_MAP)
  add_compile_options(-ffile-prefix-map=${LAB_ROOT}=.)
endif()
