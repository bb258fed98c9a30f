#pragma once

#include "CompactCodes.h"
#include "Encoding.h"
#include "InnerProducts.h"
#include "ListSearch.h"
#include "Memory.h"
#include "Parallel.h"
#include "Pairs.h"
