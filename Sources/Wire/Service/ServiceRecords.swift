package import Gallery
package import GalleryModel

/// Who a photo's faces, or given templates, are: the answer of HTTP's `identify`.
public struct IdentificationRecord: Codable, Hashable, Sendable {
    /// The gallery's name.
    public var gallery: String
    /// The network that made the templates, by name.
    public var network: String
    /// The network's fingerprint.
    public var fingerprint: String
    /// An answer for each face, the largest first; or for each template, in order.
    public var answers: [AnswerRecord]

    /// The answers of a gallery.
    package init(_ answers: [AnswerRecord], of gallery: String, _ settings: StoreSettings) {
        (self.gallery, self.answers) = (gallery, answers)
        (network, fingerprint) = (settings.networkName, settings.networkFingerprint)
    }
}

/// How two faces compare, or a face and a subject: the answer of HTTP's `verify`.
public struct ComparisonRecord: Codable, Hashable, Sendable {
    /// The network that made the templates, by name.
    public var network: String
    /// The network's fingerprint.
    public var fingerprint: String
    /// The comparison.
    public var comparison: VerificationRecord

    /// A comparison by a network.
    package init(_ comparison: VerificationRecord, network: String, fingerprint: String) {
        (self.comparison, self.network, self.fingerprint) = (comparison, network, fingerprint)
    }
}

/// The faces of a photo: the answer of HTTP's `detect` and `embed`.
public struct FacesRecord: Codable, Hashable, Sendable {
    /// A face, with its template where that was asked for.
    public struct Item: Codable, Hashable, Sendable {
        /// Where it is, and what was measured of it.
        public var face: FaceRecord
        /// Its template, of length 1; nil for `detect`.
        public var embedding: [Float]?

        /// A face with or without its template.
        package init(_ face: FaceRecord, embedding: [Float]? = nil) {
            (self.face, self.embedding) = (face, embedding)
        }
    }

    /// The network that the photo was read for, by name.
    public var network: String
    /// The network's fingerprint.
    public var fingerprint: String
    /// The largest first; empty where no face was found.
    public var faces: [Item]

    /// The faces of a photo.
    package init(_ faces: [Item], network: String, fingerprint: String) {
        (self.faces, self.network, self.fingerprint) = (faces, network, fingerprint)
    }
}

/// A gallery as HTTP tells of it.
public struct GalleryRecord: Codable, Hashable, Sendable {
    /// Its name.
    public var gallery: String
    /// Enrolled subjects.
    public var subjects: Int
    /// Enrolled references.
    public var references: Int
    /// Numbers in a template.
    public var dimension: Int
    /// The network's name; `given-templates` where another program makes them.
    public var network: String
    /// The network's fingerprint.
    public var fingerprint: String
    /// Cosine from which two photos are one person's; nil where none is known.
    public var threshold: Double?
    /// Cosine from which a search names somebody; nil where none is known.
    public var identificationThreshold: Double?

    /// A gallery with its size.
    package init(_ name: String, _ gallery: FaceGallery, _ size: GallerySize) throws(GalleryError) {
        (self.gallery, subjects, references) = (name, size.subjects, size.references)
        let settings = gallery.settings
        (dimension, network, fingerprint) = (
            settings.dimension, settings.networkName, settings.networkFingerprint
        )
        threshold = gallery.verificationThreshold?.similarity
        identificationThreshold = try gallery.identificationThreshold()
    }
}

/// The galleries of a server.
public struct GalleryListRecord: Codable, Hashable, Sendable {
    /// By name.
    public var galleries: [GalleryRecord]

    /// A list of galleries.
    package init(_ galleries: [GalleryRecord]) { self.galleries = galleries }
}

/// A part of the list of subjects.
public struct SubjectPageRecord: Codable, Hashable, Sendable {
    /// In the order of their names' bytes.
    public var subjects: [SubjectRecord]
    /// What `cursor` must be for the next part; nil after the last.
    public var next: String?

    /// A part of the list.
    package init(_ subjects: [SubjectRecord], next: String?) { (self.subjects, self.next) = (subjects, next) }
}

/// A subject with its references.
public struct SubjectDetailRecord: Codable, Hashable, Sendable {
    /// The subject's name.
    public var subject: String
    /// In ascending number.
    public var references: [ReferenceRecord]

    /// A subject with its references.
    package init(_ subject: String, _ references: [ReferenceRecord]) {
        (self.subject, self.references) = (subject, references)
    }
}

/// What a change of HTTP's did.
public struct ChangeRecord: Codable, Hashable, Sendable {
    /// `renamed`, `merged` or `removed`.
    public var status: String
    /// The subject's name after the change; nil where a reference was removed by its number.
    public var subject: String?
    /// References that were removed, or moved to the subject; nil where none were.
    public var references: Int?

    /// A change.
    package init(_ status: String, subject: String? = nil, references: Int? = nil) {
        (self.status, self.subject, self.references) = (status, subject, references)
    }
}

/// Whether a server is up: the answer of `/healthz` and `/readyz`.
public struct HealthRecord: Codable, Hashable, Sendable {
    /// `ok`.
    public var status: String
    /// The version of the program.
    public var version: String

    /// A server that is well.
    package init(version: String) { (status, self.version) = ("ok", version) }
}
