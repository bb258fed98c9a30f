internal import Glibc

/// The natural logarithm.
func logarithm(_ value: Double) -> Double { log(value) }

/// log(1 + value), also for small values.
func logarithm(onePlus value: Double) -> Double { log1p(value) }

/// The exponential function.
func exponential(_ value: Double) -> Double { exp(value) }

/// exp(value) − 1, also for small values.
func exponentialLessOne(_ value: Double) -> Double { expm1(value) }
