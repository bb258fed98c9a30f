#pragma once

#include "CompactCodes.h"
#include "Encoding.h"
#include "InnerProducts.h"
#include "ListSearch.h"
#include "Pairs.h"
