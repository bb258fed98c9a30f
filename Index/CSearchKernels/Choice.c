#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

#if defined(__x86_64__)
// Look-ups among 64 bytes (VBMI) and products of bytes (VNNI) came with Ice Lake and Zen 4: earlier processors with
// AVX-512 are as well served by AVX2.
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
           && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2")
           && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx2");
}
#endif

const csk_kernel *csk_kernel_named(const char *name) {
    if (strcmp(name, "portable") == 0) return &csk_portable;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &csk_avx2;
    if (strcmp(name, "avx512") == 0 && has_avx512()) return &csk_avx512;
#endif
    return NULL;
}

const csk_kernel *csk_kernel_chosen(void) {
    const char *wanted = getenv("FACEGALLERY_KERNEL");
    if (wanted != NULL && wanted[0] != '\0') return csk_kernel_named(wanted);
    const csk_kernel *found = csk_kernel_named("avx512");
    if (found == NULL) found = csk_kernel_named("avx2");
    return found != NULL ? found : &csk_portable;
}
