// The search for every processor of the architecture.

#include "BoxFinder.h"
#include "Picture.h"

#define FINDER make_finder_baseline
#include "BoxFinder.inc"
