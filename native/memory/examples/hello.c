#include <pm/pm.h>
#include <stdio.h>

int main(void) {
    pm_arena *arena = NULL;
    if (pm_arena_new(NULL, &arena) != PM_OK) {
        return 1;
    }
    puts(pm_arena_copy(arena, "hello from an arena", 19));
    pm_arena_free(arena);
    return 0;
}
