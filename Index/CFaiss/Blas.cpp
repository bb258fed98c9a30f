#include "Blas.h"

#include <dlfcn.h>
#include <sched.h>

#include <stdexcept>
#include <string>

// OpenBLAS, loaded when an index is first trained. It has 14,000 symbols to bind, which takes longer than a search of a
// million templates, and makes its threads while it is loaded.

namespace {

/// Shows the calling thread one processor while it is there.
///
/// OpenBLAS makes a thread for each processor but one, and waits for ever for one that could not be made; with one
/// processor it makes none.
class OneProcessor {
public:
    OneProcessor() {
        CPU_ZERO(&all_);
        known_ = sched_getaffinity(0, sizeof all_, &all_) == 0;
        if (!known_) return;
        cpu_set_t one;
        CPU_ZERO(&one);
        for (int number = 0; number < CPU_SETSIZE; number++)
            if (CPU_ISSET(number, &all_)) {
                CPU_SET(number, &one);
                break;
            }
        known_ = sched_setaffinity(0, sizeof one, &one) == 0;
    }
    ~OneProcessor() {
        if (known_) sched_setaffinity(0, sizeof all_, &all_);
    }
    OneProcessor(const OneProcessor &) = delete;
    OneProcessor &operator=(const OneProcessor &) = delete;

private:
    cpu_set_t all_;
    bool known_;
};

void *library() {
    static void *const loaded = [] {
        const OneProcessor shown;
        void *const found = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
        if (!found) throw std::runtime_error(std::string(dlerror()) + "; install the package libopenblas0");
        return found;
    }();
    return loaded;
}

void *function(const char *name) {
    void *const found = dlsym(library(), name);
    if (!found) throw std::runtime_error(std::string("OpenBLAS has no function ") + name);
    return found;
}

}  // namespace

void bridge::load_blas() { library(); }

// What libfaiss.a and Training.cpp call, in Fortran's convention: every argument is an address.
using Address = const void *;
#define PARAMETERS_6 Address a, Address b, Address c, Address d, Address e, Address f
#define PARAMETERS_7 PARAMETERS_6, Address g
#define PARAMETERS_8 PARAMETERS_7, Address h
#define PARAMETERS_9 PARAMETERS_8, Address i
#define PARAMETERS_10 PARAMETERS_9, Address j
#define PARAMETERS_11 PARAMETERS_10, Address k
#define PARAMETERS_13 PARAMETERS_11, Address l, Address m
#define PARAMETERS_14 PARAMETERS_13, Address n
#define ARGUMENTS_6 a, b, c, d, e, f
#define ARGUMENTS_7 ARGUMENTS_6, g
#define ARGUMENTS_8 ARGUMENTS_7, h
#define ARGUMENTS_9 ARGUMENTS_8, i
#define ARGUMENTS_10 ARGUMENTS_9, j
#define ARGUMENTS_11 ARGUMENTS_10, k
#define ARGUMENTS_13 ARGUMENTS_11, l, m
#define ARGUMENTS_14 ARGUMENTS_13, n
#define FORWARD(NAME, COUNT)                                                                     \
    extern "C" int NAME(PARAMETERS_##COUNT) {                                                    \
        static const auto call = reinterpret_cast<int (*)(PARAMETERS_##COUNT)>(function(#NAME)); \
        return call(ARGUMENTS_##COUNT);                                                          \
    }

FORWARD(dgemm_, 13)
FORWARD(dgesvd_, 14)
FORWARD(dgetrf_, 6)
FORWARD(dgetri_, 7)
FORWARD(dsyev_, 9)
FORWARD(dsyevd_, 11)
FORWARD(dsyrk_, 10)
FORWARD(sgelsd_, 14)
FORWARD(sgemm_, 13)
FORWARD(sgeqrf_, 8)
FORWARD(sgesvd_, 14)
FORWARD(sgetrf_, 6)
FORWARD(sgetri_, 7)
FORWARD(sorgqr_, 9)
FORWARD(ssyrk_, 10)
