public import Testing

extension Trait where Self == TimeLimitTrait {
    /// The time limit of tests that await something.
    ///
    /// Such a test gives up its thread, and gets one again behind tests that occupy Swift's few threads: on two
    /// processors that can take as long as the whole suite.
    public static var awaiting: Self { .timeLimit(.minutes(20)) }
}
