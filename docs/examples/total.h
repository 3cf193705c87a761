/* The function that the libraries of these examples export. */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
uint64_t total(const uint32_t *values, size_t count);
#ifdef __cplusplus
}
#endif
