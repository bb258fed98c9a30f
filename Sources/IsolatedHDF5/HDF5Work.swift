/// What a helper process is asked to do: the words both programs know.
///
/// The command line is `facegallery-hdf5 WORK VERSION PATIENCE`.
package enum HDF5Work: String, Sendable {
    /// Standard input is an HDF5 file. Its matrix is written to standard output: the numbers of rows and columns, 64
    /// bits each, and then the rows as float32, in the machine's order.
    case readMatrix = "read-matrix"
    /// Standard input is an export of references, which are written to standard output as a `ReferenceStream`.
    case readReferences = "read-references"
    /// Standard input is a `ReferenceStream`, standard output the empty file that becomes an HDF5 file of it.
    case writeReferences = "write-references"
    /// Standard output gets a line for each thing that is tried under confinement.
    case tryConfinement = "try-confinement"
    /// The same under Landlock alone, without the filter of system calls and without limits.
    case tryLandlock = "try-landlock"

    /// Changes with everything the two programs agree on.
    package static let version = "1"

    /// Whether standard output is a file, not a pipe.
    package var writesFile: Bool { self == .writeReferences }
}

/// How a helper process ends.
package enum HelperExit: Int32, Sendable {
    case done = 0
    /// Another version of the program, or an unknown work.
    case usage = 64
    /// The reason is on standard error.
    case badData = 65
    /// Nobody reads what it writes.
    case inputOutput = 74
}
