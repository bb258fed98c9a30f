/// What an index refused or could not do, with the facts of it.
public enum IndexError: Error, Equatable, Sendable {
    /// What the caller can do about it, in the terms of exit codes.
    public enum Kind: Equatable, Hashable, Sendable {
        /// A file or a vector is not what it should be.
        case badData
        /// A file cannot be created or replaced.
        case cannotWrite
        /// The system failed at reading or writing, or at finding memory.
        case io
        /// The call makes no sense as it is.
        case usage
    }

    /// A dimension an index cannot have: 1…65,536 is possible.
    case badDimension(Int)
    /// `floats` numbers are not `vectors` vectors of `dimension` each.
    case wrongDimension(floats: Int, vectors: Int, dimension: Int)
    /// A probe's or an added vector's number is NaN or infinite; `row` counts from 0.
    case notFinite(row: Int)
    /// A vector's length is not 1 (within 1 %); `row` counts from 0.
    case notUnit(row: Int, length: Double)
    /// Ids are 0 or more.
    case negativeID(Int64)
    /// The id is in the index already, or twice in one call; nothing was added.
    case duplicateID(Int64)
    /// `k` is not 1…10,000.
    case badCount(k: Int)
    /// A search loss that is not 0…1.
    case badLoss(Double)
    /// A number of threads below 1.
    case badThreads(Int)
    /// FACEGALLERY_KERNEL names a kernel that does not exist or that this processor cannot run.
    case unknownKernel(String)
    /// A file of a saved index is not as it was written.
    case damaged(file: String, problem: String)
    /// A file cannot be created, replaced or made durable.
    case cannotWrite(file: String, problem: String)
    /// A file that is there cannot be read.
    case cannotRead(file: String, problem: String)
    /// FAISS could not train, assign or build.
    case faiss(String)
    /// So many bytes of memory are not to be had.
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
    /// One line: what was wrong, with which input, what to do.
    public var description: String {
        switch self {
        case .badDimension(let dimension):
            "an index of \(dimension) dimensions is not possible: give 1 to 65536"
        case .wrongDimension(let floats, let vectors, let dimension):
            vectors > 0
                ? "\(floats) numbers are not \(vectors) vectors of dimension \(dimension): give \(vectors * dimension)"
                : "\(floats) numbers are not whole vectors of dimension \(dimension): give a multiple of \(dimension)"
        case .notFinite(let row):
            "vector \(row) holds a NaN or an infinity: leave it out or compute it again"
        case .notUnit(let row, let length):
            "vector \(row) has length \(length), not 1: divide it by its length"
        case .negativeID(let id):
            "id \(id) is negative: ids are 0 or more"
        case .duplicateID(let id):
            "id \(id) is in the index already: remove it first, or give a new id"
        case .badCount(let k):
            "\(k) neighbours cannot be asked for: k is 1 to \(VectorIndex.mostNeighbours)"
        case .badLoss(let loss):
            "a search loss of \(loss) is not a fraction: give 0 to 1"
        case .badThreads(let threads):
            "\(threads) threads cannot search: give 1 or more"
        case .unknownKernel(let name):
            "FACEGALLERY_KERNEL=\(name) is no kernel of this machine: "
                + "unset it or give portable, avx2 or avx512 as the processor has them"
        case .damaged(let file, let problem):
            "\(file) is damaged (\(problem)): delete the index, it is built again from the store"
        case .cannotWrite(let file, let problem):
            "cannot write \(file): \(problem)"
        case .cannotRead(let file, let problem):
            "cannot read \(file): \(problem)"
        case .faiss(let problem):
            "the lists could not be built: \(problem)"
        case .noMemory(let bytes):
            "\(bytes) bytes of memory are not to be had: close other programs, or search on a larger machine"
        case .source(let problem):
            "the vectors cannot be read: \(problem)"
        case .cancelled:
            "the search was cancelled"
        }
    }
}
