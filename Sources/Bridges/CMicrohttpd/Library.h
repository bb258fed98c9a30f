// libmicrohttpd, loaded with the first server. It brings GnuTLS and what that needs, for which commands that serve
// nothing should not wait.
#pragma once

#include <microhttpd.h>

// Every function of the library that the bridge calls.
#define CMHD_FUNCTIONS(OF)                                                                                             \
    OF(MHD_start_daemon) OF(MHD_stop_daemon) OF(MHD_get_daemon_info) OF(MHD_queue_response) OF(MHD_destroy_response)    \
    OF(MHD_create_response_from_buffer) OF(MHD_create_response_from_callback) OF(MHD_add_response_header)              \
    OF(MHD_suspend_connection) OF(MHD_resume_connection) OF(MHD_get_connection_info) OF(MHD_get_connection_values_n)

typedef struct cmhd_functions {
#define DECLARE(NAME) __typeof__(&NAME) NAME;
    CMHD_FUNCTIONS(DECLARE)
#undef DECLARE
} cmhd_functions;

// Filled by `cmhd_load`, and only read after that.
extern cmhd_functions cmhd_library;

// Loads the library; 0 with a message where it is not installed. Safe from any thread, and any number of times.
int cmhd_load(char *message, size_t size);
