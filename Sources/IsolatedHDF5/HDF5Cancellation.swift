/// Ends the work of a helper process from another thread.
public struct HDF5Cancellation: Sendable {
    let process: HelperProcess

    /// Kills the process; the call that is reading or writing through it then fails.
    ///
    /// Does nothing when it is over. From any thread.
    public func cancel() { process.cancel() }
}
