public import Concurrency
public import FaceImage
public import Network

/// Why a network could not be trained, with the facts of the case.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller may do about it.
    public enum Kind: Sendable {
        /// An argument or setting is wrong.
        case usage
        /// A file or folder does not exist, or may not be read.
        case missing
        /// An input exists and is not what it should be.
        case badData
        /// A file could not be written.
        case cannotWrite
        /// Another process is in the way; trying again later may help.
        case tryAgain
        /// The computation failed.
        case failed
    }

    /// An argument is outside its range.
    case badArgument(name: String, reason: String)
    /// Numbers are NaN or infinite: training has diverged, or was given such numbers.
    case notFinite(what: String)
    /// An embedding is all zeros, which has no direction.
    case zeroEmbedding(row: Int)
    /// Triplets need two people.
    case noNegatives(people: Int)
    /// Triplets need a person with two photos.
    case noPositives(people: Int)
    /// oneDNN, or the system's memory, refused a call.
    case refused(call: String, layer: String, status: Int)
    /// A folder of photos cannot be read.
    case unreadableFolder(path: String, reason: String)
    /// Fewer than two people have a photo.
    ///
    /// `leftOut` says which files were not read as photos; nil if there were none.
    case tooFewPeople(folder: String, people: Int, leftOut: String?)
    /// Nobody has two photos, so there are no pairs of one person to learn from.
    case nobodyTwice(folder: String)
    /// A batch of this many photos cannot be filled from these people.
    case batchTooLarge(places: Int, available: Int)
    /// Chips do not fit into the machine's memory.
    case tooManyChips(bytes: Int, memory: Int)
    /// The cache of chips cannot be used.
    case cache(path: String, doing: String, reason: String)
    /// No space is left for the cache of chips.
    case noSpace(path: String)
    /// The face detector cannot be used.
    case detector(DetectorError)
    /// The system does not allow enough threads.
    case noThread(ThreadError)
    /// The caller asked to stop.
    case cancelled
    /// There are too few photos or people.
    case tooFew(what: String, remedy: String)
    /// The result's folder is not empty.
    case folderTaken(path: String, reason: String)
    /// Another process trains into the folder.
    case folderBusy(path: String)
    /// There is no checkpoint to continue from.
    case noCheckpoint(path: String)
    /// A checkpoint is damaged, or of another network.
    case badCheckpoint(path: String, reason: String)
    /// A run cannot continue with other settings than it began with.
    case otherSetting(name: String, now: String, checkpoint: String)
    /// Numbers became infinite or NaN; `checkpoint` is the last good checkpoint, nil if none was written.
    case diverged(what: String, epoch: Int, step: Int, checkpoint: String?)
    /// A file could not be written.
    case cannotWrite(path: String, reason: String)
    /// The network itself was refused.
    case network(NetworkError)

    /// The class of the error, for exit codes.
    public var kind: Kind {
        switch self {
        case .badArgument, .folderTaken, .otherSetting: .usage
        case .folderBusy, .noThread: .tryAgain
        case .noCheckpoint, .unreadableFolder: .missing
        case .tooFew, .badCheckpoint, .tooFewPeople, .nobodyTwice, .batchTooLarge, .noNegatives, .noPositives:
            .badData
        case .cannotWrite, .noSpace: .cannotWrite
        case .refused, .diverged, .notFinite, .zeroEmbedding, .tooManyChips, .cache, .detector, .cancelled:
            .failed
        case .network(let error):
            switch error.kind {
            case .missing: .missing
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .failed: .failed
            }
        }
    }

    /// One line that names the input and, if there is one, the remedy.
    ///
    /// Settings are written by their names in JSON, in backquotes.
    public var description: String {
        switch self {
        case .badArgument(let name, let reason): "\(name) \(reason)"
        case .notFinite(let what):
            "\(what) are not finite: lower the learning rate, or clip gradients"
        case .zeroEmbedding(let row):
            "embedding \(row) of the batch is all zeros: lower the learning rate, or begin with another seed"
        case .noNegatives(let people):
            "the labels name \(people == 1 ? "only one person" : "nobody"): triplets need two people or more"
        case .noPositives(let people):
            "none of \(people) people has two photos: triplets need two photos of one person"
        case .refused(let call, let layer, let status):
            "cannot train layer \(layer): \(call) failed, \(status == 1 ? "out of memory" : "oneDNN status \(status)")"
        case .unreadableFolder(let path, let reason): "\(path): the folder cannot be read: \(reason)"
        case .tooFewPeople(let folder, let people, let leftOut):
            "\(folder): has photos of \(people == 0 ? "nobody" : "only one person")"
                + (leftOut.map { " that are read here (\($0))" } ?? "")
                + "; it needs one sub-folder per person, and two or more people"
        case .nobodyTwice(let folder):
            "\(folder): nobody has two photos; training needs people with two or more"
        case .batchTooLarge(let places, let available):
            "a batch of \(places) photos cannot be filled: there are only \(available) photos for it; "
                + "lower `people-per-batch` or `photos-per-person`"
        case .tooManyChips(let bytes, let memory):
            "the photos' chips take \(bytes >> 20) MiB, and the machine has \(memory >> 20) MiB; "
                + "train on fewer photos or on smaller chips"
        case .cache(let path, let doing, let reason):
            "\(path): \(doing) the cache of chips failed: \(reason)"
        case .noSpace(let path):
            "\(path): no space is left for the cache of chips; free space or use another folder"
        case .detector(let error): error.description
        case .noThread(let error): error.description
        case .cancelled: "cancelled"
        case .tooFew(let what, let remedy): "\(what); \(remedy)"
        case .folderTaken(let path, let reason):
            "\(path) \(reason)"
        case .folderBusy(let path):
            "another process trains into \(path)"
        case .noCheckpoint(let path):
            "there is no checkpoint \(path) to resume"
        case .badCheckpoint(let path, let reason):
            "\(path) cannot be used as a checkpoint: \(reason); train into another folder"
        case .otherSetting(let name, let now, let checkpoint):
            "\(name) is \(now), but this run began with \(checkpoint); resume with the old value, or train into another folder"
        case .diverged(let what, let epoch, let step, let checkpoint):
            "\(what) are not finite in epoch \(epoch), step \(step); try a lower `learning-rate`, `warm-up` or `clip`"
                + (checkpoint.map { "; the last good checkpoint is \($0)" } ?? "")
        case .cannotWrite(let path, let reason):
            "cannot write \(path): \(reason)"
        case .network(let error): error.description
        }
    }
}
