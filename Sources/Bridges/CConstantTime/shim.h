#include <nettle/memops.h>
