/// Why an index refused a call or failed, with the facts.
public enum IndexError: Error, Equatable, Sendable {
    /// What the caller can do about it, in the terms of exit codes.
    public enum Kind: Equatable, Hashable, Sendable {
        /// A file or a vector is not what it should be.
        case badData
        /// A file cannot be created or replaced.
        case cannotWrite
        /// Reading or writing failed, or there is not enough memory.
        case io
        /// An argument of the call is wrong.
        case usage
    }

    /// A dimension that an index cannot have: 1…65,536 is possible.
    case badDimension(Int)
    /// `floats` numbers do not make `vectors` vectors of `dimension` numbers each.
    case wrongDimension(floats: Int, vectors: Int, dimension: Int)
    /// A probe or an added vector contains NaN or an infinity; `row` counts from 0.
    case notFinite(row: Int)
    /// A vector's length is not 1 (within 1 %); `row` counts from 0.
    case notUnit(row: Int, length: Double)
    /// Ids are 0 or more.
    case negativeID(Int64)
    /// The id is already in the index, or twice in one call; nothing was added.
    case duplicateID(Int64)
    /// `k` is not 1…10,000.
    case badCount(k: Int)
    /// A search loss that is not 0…1.
    case badLoss(Double)
    /// A number of threads below 1.
    case badThreads(Int)
    /// FACEGALLERY_KERNEL names a kernel that does not exist or that this processor cannot run.
    case unknownKernel(String)
    /// A file of a saved index differs from what was written.
    case damaged(file: String, problem: String)
    /// A file cannot be created, replaced or synced.
    case cannotWrite(file: String, problem: String)
    /// A file exists and cannot be read.
    case cannotRead(file: String, problem: String)
    /// FAISS could not train, assign or build.
    case faiss(String)
    /// There is not enough memory for so many bytes.
    case noMemory(bytes: Int)
    /// The source of the vectors failed.
    case source(String)
    /// The search was cancelled by its caller.
    case cancelled

    /// What the caller can do about it.
    public var kind: Kind {
        switch self {
        case .badDimension, .negativeID, .duplicateID, .badCount, .badLoss, .badThreads, .unknownKernel: .usage
        case .wrongDimension, .notFinite, .notUnit, .damaged: .badData
        case .cannotWrite: .cannotWrite
        case .cannotRead, .faiss, .noMemory, .source, .cancelled: .io
        }
    }
}

extension IndexError: CustomStringConvertible {
    /// One line: what is wrong, with which input, and what to do.
    public var description: String {
        switch self {
        case .badDimension(let dimension):
            "an index cannot have \(dimension) dimensions: give 1 to 65536"
        case .wrongDimension(let floats, let vectors, let dimension):
            vectors > 0
                ? "\(floats) numbers are not \(vectors) vectors of dimension \(dimension): give \(vectors * dimension)"
                : "\(floats) numbers are not whole vectors of dimension \(dimension): give a multiple of \(dimension)"
        case .notFinite(let row):
            "vector \(row) contains NaN or an infinity: leave it out or compute it again"
        case .notUnit(let row, let length):
            "vector \(row) has length \(length), not 1: divide it by its length"
        case .negativeID(let id):
            "id \(id) is negative: ids are 0 or more"
        case .duplicateID(let id):
            "id \(id) is already in the index: remove it first, or give a new id"
        case .badCount(let k):
            "k is \(k): it must be 1 to \(VectorIndex.mostNeighbours)"
        case .badLoss(let loss):
            "a search loss of \(loss) is not possible: give a share from 0 to 1"
        case .badThreads(let threads):
            "the number of threads is \(threads): give 1 or more"
        case .unknownKernel(let name):
            "FACEGALLERY_KERNEL=\(name) is not a kernel that this processor can run: "
                + "unset it, or set it to portable, avx2 or avx512"
        case .damaged(let file, let problem):
            "\(file) is damaged (\(problem)): delete the index; it is built again from the store"
        case .cannotWrite(let file, let problem):
            "cannot write \(file): \(problem)"
        case .cannotRead(let file, let problem):
            "cannot read \(file): \(problem)"
        case .faiss(let problem):
            "the lists could not be built: \(problem)"
        case .noMemory(let bytes):
            "there is not enough memory for \(bytes) bytes: close other programs, or use a machine with more memory"
        case .source(let problem):
            "the vectors cannot be read: \(problem)"
        case .cancelled:
            "the search was cancelled"
        }
    }
}
