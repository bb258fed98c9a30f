#pragma once
#include <dnnl.h>

// oneDNN as Debian builds it runs on libgomp, whose thread count belongs to the calling thread.
// Declared here because <omp.h> is a header of GCC's that Clang does not see.
int omp_get_max_threads(void);
void omp_set_num_threads(int count);
