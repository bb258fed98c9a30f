// Where faces are in a picture. The same source is compiled for several instruction sets, and this interface
// keeps dlib's types, which differ between them, out of what they share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "include/CDlib.h"

namespace cdlib {

class BoxFinder {
public:
    virtual ~BoxFinder() = default;
    // One with working memory of its own.
    virtual std::unique_ptr<BoxFinder> copy() const = 0;
    // All boxes of at least a score, in pixels of the picture as it was given. Not for two threads at once.
    virtual void find(const cdlib_picture &picture, double scale, cdlib_sizes sizes, double least_score,
                      std::vector<cdlib_box> &boxes) = 0;
};

// `detector`: dlib's frontal face detector, serialised.
std::unique_ptr<BoxFinder> make_finder_baseline(const std::string &detector);
std::unique_ptr<BoxFinder> make_finder_avx2(const std::string &detector);

}  // namespace cdlib
