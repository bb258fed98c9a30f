import ArgumentParsing
import Enrollment
import FaceImage
import Gallery
import Network
import NetworkExport
import Training

/// What users of this program can do about an error of the engine.
///
/// The engine's own errors give facts, and name arguments as a library does. Here, and nowhere else, they become words
/// of the command line.
enum Advice {
    /// The line to show for an error: what is wrong, and what to do.
    static func line(_ error: any Error) -> String {
        let text = withOptions("\(named(error))")
        return remedy(for: error).map { text + $0 } ?? text
    }

    /// Names that may have been meant, as a continuation of an error's line.
    static func suggestion(_ names: [String]) -> String { remedy(names).map { "; " + $0 } ?? "" }

    /// Names that may have been meant, as a question; nil if there are none.
    static func remedy(_ names: [String]) -> String? {
        guard let last = names.last else { return nil }
        let first = names.dropLast().map { "'\(printable($0))'" }.joined(separator: ", ")
        return "did you mean \(first.isEmpty ? "" : first + " or ")'\(printable(last))'?"
    }

    /// The line to show for a photo that is refused.
    static func line(_ refusal: Refusal) -> String {
        refusal.reason == .severalFaces ? refusal.message + largestFace : withOptions(refusal.message)
    }

    /// A text of the engine in which arguments in backquotes are the options that give them.
    static func withOptions(_ text: String) -> String {
        guard text.contains("`") else { return text }
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        var shown = ""
        var (place, isOpen) = (0, false)
        while place < parts.count {
            let part = parts[place]
            if isOpen, place + 1 < parts.count, let option = option(named: part) {
                shown += option
                isOpen = false
            } else {
                // Backquotes that are none of ours stay.
                if isOpen { shown += "`" }
                shown += part
                isOpen = true
            }
            place += 1
        }
        return shown
    }

    private static let largestFace = " with --largest-face"

    /// Options of the verbs whose arguments the engine's texts name.
    private static let options = Set(
        [enroll, identify, embed, network, train, migrate].flatMap { verb in
            verb.specification.options.map(\.canonicalName)
        })

    private static func option(named name: some StringProtocol) -> String? {
        let option = "--" + name
        return options.contains(option) ? option : nil
    }

    /// The error with the option in the place of the argument that it is about.
    private static func named(_ error: any Error) -> any Error {
        switch error {
        case TrainingError.badArgument(let name, let reason):
            TrainingError.badArgument(name: option(named: name) ?? name, reason: reason)
        case TrainingError.otherSetting(let name, let now, let checkpoint):
            TrainingError.otherSetting(name: option(named: name) ?? name, now: now, checkpoint: checkpoint)
        default: error
        }
    }

    /// What to do, as a continuation of the error's own text; nil if there is nothing to add.
    private static func remedy(for error: any Error) -> String? {
        switch error {
        case let error as GalleryError: remedy(for: error)
        case let error as NetworkError: remedy(for: error)
        case let error as DetectorError: remedy(for: error)
        case OnnxError.network(let error): remedy(for: error)
        case let error as EnrollmentError: remedy(for: error)
        case let error as TrainingError: remedy(for: error)
        default: nil
        }
    }

    private static func remedy(for error: GalleryError) -> String? {
        switch error {
        case .network(let error): remedy(for: error)
        case .detector(let error): remedy(for: error)
        case .severalFaces: largestFace
        case .cannotMakeAgain(_, _, let references, let missing) where missing.count < references:
            " with --drop-missing"
        case .otherMigration: " with 'migrate --abandon'"
        default: nil
        }
    }

    private static func remedy(for error: NetworkError) -> String? {
        guard case .unreadable = error else { return nil }
        return "; facegallery setup fetches the default network, facegallery setup dlib-resnet that of dlib"
    }

    private static func remedy(for error: DetectorError) -> String? {
        guard case .missingModel = error else { return nil }
        return "; facegallery setup fetches YuNet's, facegallery setup dlib-resnet that of dlib"
    }

    private static func remedy(for error: EnrollmentError) -> String? {
        switch error {
        case .folderGone: "; mount it again and run the same command"
        case .storageFails: "; check the disk or the network connection, and run the same command again"
        default: nil
        }
    }

    private static func remedy(for error: TrainingError) -> String? {
        switch error {
        case .network(let error): remedy(for: error)
        case .detector(let error): remedy(for: error)
        case .folderTaken: "; use --resume to continue it, or another --out"
        case .folderBusy: "; wait for it, or use another --out"
        case .noCheckpoint: "; leave out --resume to start a training"
        default: nil
        }
    }
}
