/// A function of each number by itself.
public enum Activation: Hashable, Sendable {
    /// `x` where it is positive, elsewhere `x × slope`.
    case relu(slope: Float)
    /// `x` between two bounds.
    case clip(Float, Float)
    /// `1 / (1 + e^-x)`.
    case sigmoid
    /// `alpha × x + beta`, between 0 and 1.
    case hardSigmoid(alpha: Float, beta: Float)
    /// `x × max(0, min(1, x / 6 + 1/2))`.
    case hardSwish
    /// `x × sigmoid(alpha × x)`.
    case swish(alpha: Float)
    /// `x` where it is positive, elsewhere `alpha × (e^x - 1)`.
    case elu(alpha: Float)
    /// `x × P(X ≤ x)` of a standard normal X.
    case gelu
    /// The same with a hyperbolic tangent in the place of the error function.
    case tanhGelu
    /// The hyperbolic tangent.
    case tanh
    /// `e^x`.
    case exp
    /// The natural logarithm.
    case log
    /// The square root.
    case squareRoot
    /// `|x|`.
    case absolute
    /// `log(1 + e^x)`.
    case softplus
    /// `x × tanh(log(1 + e^x))`.
    case mish
    /// `scale × x + shift`.
    case linear(scale: Float, shift: Float)
    /// `x^exponent`.
    case power(Float)
    /// The error function.
    case erf
}

/// A function of two numbers, of which one input may be spread over axes where it has a single value.
public enum Combination: String, Hashable, Sendable {
    /// Left and right added, subtracted, multiplied, divided.
    case add, subtract, multiply, divide
    /// The smaller and the larger of the two.
    case minimum, maximum
}
