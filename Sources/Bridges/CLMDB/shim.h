#include <lmdb.h>
#include <malloc.h>
