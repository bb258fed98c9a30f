#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// OpenBLAS makes its threads when it is loaded, before `main`: one for each processor that `sched_getaffinity` names.
// Where the system refuses one, it raises SIGINT, and the process is gone before it could say why. The index needs no
// threads of OpenBLAS: its matrices are small, and what takes long runs on threads of the kernels. So OpenBLAS is shown
// one processor. It finds this function before the C library's; of the libraries that are loaded, only OpenBLAS asks
// this early, and everybody who asks later is told the truth.

// Volatile, because a compiler may run constructors itself, and would keep only what they leave.
static volatile int libraries_are_loaded;

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *processors) {
    const long written = syscall(SYS_sched_getaffinity, process, size, processors);
    if (written < 0) return -1;
    memset((char *)processors + written, 0, size - (size_t)written);
    if (!libraries_are_loaded) {
        memset(processors, 0, size);
        CPU_SET_S(0, size, processors);
    }
    return 0;
}

// Runs after the constructors of every shared library.
__attribute__((constructor)) static void end_of_loading(void) { libraries_are_loaded = 1; }
