// The search for processors with AVX2: the baseline's boxes, and its scores to a millionth.
//
// Two things keep this file's code out of older processors' way. Everything of dlib and of Picture.h has
// another name here, so that the linker cannot take this file's copy of a function for the baseline's. And
// the standard library, whose names stay, is included before the instruction set is switched on.

#include "BoxFinder.h"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <climits>
#include <clocale>
#include <cmath>
#include <complex>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#include <cwctype>
#include <deque>
#include <exception>
#include <forward_list>
#include <fstream>
#include <functional>
#include <future>
#include <initializer_list>
#include <iomanip>
#include <ios>
#include <iosfwd>
#include <iostream>
#include <istream>
#include <iterator>
#include <limits>
#include <list>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <ostream>
#include <queue>
#include <random>
#include <ratio>
#include <set>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <immintrin.h>
#include <pthread.h>
#include <sys/time.h>

#define DLIB_HAVE_SSE2
#define DLIB_HAVE_SSE3
#define DLIB_HAVE_SSE41
#define DLIB_HAVE_AVX
#define DLIB_HAVE_AVX2
#define dlib cdlib_avx2_dlib
#define cdlib_names cdlib_avx2

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "Picture.h"

#define FINDER make_finder_avx2
#include "BoxFinder.inc"
#pragma clang attribute pop

#else

std::unique_ptr<cdlib::BoxFinder> cdlib::make_finder_avx2(const std::string &detector) {
    return make_finder_baseline(detector);
}

#endif
