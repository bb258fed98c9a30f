package import Enrollment
package import Files
package import Gallery

/// Why a request failed.
public struct FailureRecord: Codable, Hashable, Sendable {
    /// `usage`, `missing_input`, `bad_data`, `cannot_write`, `input_output`, `try_again` or `failed`.
    public var code: String
    /// What went wrong, with which input.
    public var message: String
    /// What to do; nil where the message says it all.
    public var remedy: String?

    /// An error of the engine.
    package init(_ error: GalleryError, remedy: String? = nil) {
        (code, message, self.remedy) = (error.kind.code, "\(error)", remedy)
    }

    /// An input that is not as it must be.
    package init(fault: String) { (code, message) = (GalleryError.Kind.badData.code, fault) }

    /// An error of a file.
    package init(_ error: FileError) {
        let kind: GalleryError.Kind =
            switch error.kind {
            case .missing: .missingInput
            default: .cannotWrite
            }
        (code, message) = (kind.code, "\(error)")
    }

    /// An error of an enrolment.
    package init(_ error: EnrollmentError, remedy: String? = nil) {
        (code, message, self.remedy) = (error.kind.code, "\(error)", remedy)
    }
}

extension GalleryError.Kind {
    var code: String {
        switch self {
        case .missingInput: "missing_input"
        case .badData: "bad_data"
        case .cannotWrite: "cannot_write"
        case .inputOutput: "input_output"
        case .tryAgain: "try_again"
        case .usage: "usage"
        case .failed: "failed"
        }
    }
}

extension EnrollmentError.Kind {
    var code: String {
        switch self {
        case .usage: GalleryError.Kind.usage.code
        case .missingInput: GalleryError.Kind.missingInput.code
        case .badData: GalleryError.Kind.badData.code
        case .inputOutput: GalleryError.Kind.inputOutput.code
        }
    }
}
