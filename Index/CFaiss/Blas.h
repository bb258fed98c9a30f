#pragma once

namespace bridge {

/// Loads OpenBLAS, unless it is loaded.
///
/// Throws std::runtime_error with what is missing.
void load_blas();

}  // namespace bridge
