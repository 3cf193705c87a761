# Sanitizer switches alone, for a target whose code is generated: lab_sanitize(<target>).
function(lab_sanitize target)
  if(LAB_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${LAB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${LAB_SANITIZE})
  endif()
endfunction()

# One set of warnings and sanitizer switches for every target: lab_target_defaults(<target>).
function(lab_target_defaults target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wundef -Wshadow -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
    -Werror=incompatible-pointer-types -Werror=implicit-function-declaration -Werror=int-conversion
    -fno-strict-aliasing -g1)
  lab_sanitize(${target})
endfunction()
