internal import Glibc

/// `base` to the power of `exponent`.
func power(_ base: Float, _ exponent: Float) -> Float { pow(base, exponent) }

/// e to the power of `x`.
func exponential(_ x: Float) -> Float { exp(x) }

/// The natural logarithm.
func logarithm(_ x: Float) -> Float { log(x) }
