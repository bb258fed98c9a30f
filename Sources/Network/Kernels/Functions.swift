internal import Glibc

/// e to the power of `x`.
func exponential(_ x: Float) -> Float { exp(x) }

/// The natural logarithm.
func naturalLogarithm(_ x: Float) -> Float { log(x) }

/// The error function: 2 / √π times the integral of `e^-t²` from 0 to `x`.
func errorFunction(_ x: Float) -> Float { erf(x) }
