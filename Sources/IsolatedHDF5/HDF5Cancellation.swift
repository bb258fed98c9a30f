/// Ends the work of a helper process from another thread.
public struct HDF5Cancellation: Sendable {
    let process: HelperProcess

    /// Ends the process; whoever reads or writes through it gets an error soon.
    ///
    /// Does nothing when it is over. From any thread.
    public func cancel() { process.cancel() }
}
