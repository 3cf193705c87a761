/* Padding before the first kernel of this build: see CMakeLists.txt. Never called. */
#include <stddef.h>

#if LK_LAYOUT_PAD > 0
#define LK_TEXT(x) #x
#define LK_EXPAND(x) LK_TEXT(x)
__asm__(".text\n\t.balign 64\n\t.zero " LK_EXPAND(LK_LAYOUT_PAD) "\n");
#endif
typedef int lk_layout_pad_unit; /* a translation unit must not be empty */
