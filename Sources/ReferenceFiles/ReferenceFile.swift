package import GalleryModel
package import Network
package import VectorFiles

/// What a file of references says of itself, before the first of them.
package struct ReferenceFileHeader: Codable, Equatable, Sendable {
    package static let format = "facegallery-references"
    package static let version = 1

    package var format = ReferenceFileHeader.format
    package var version = ReferenceFileHeader.version
    /// Thirty-two hexadecimal digits that no other export has: what was taken from it before is known by them.
    package var export: String
    package var dimension: Int
    package var network: String
    package var fingerprint: String
    /// The text of the network's identity, where the gallery knew it.
    package var networkFacts: String?
    package var references: Int

    /// The header of a new export.
    package init(_ settings: StoreSettings, references: Int, identity: NetworkIdentity? = nil) {
        export = ExportNumber.random().text
        (dimension, network) = (settings.dimension, settings.networkName)
        (fingerprint, self.references) = (settings.networkFingerprint, references)
        networkFacts = identity.flatMap {
            $0.text.utf8.count <= NetworkIdentity.longestText ? $0.text : nil
        }
    }

    package init(export: String, dimension: Int, network: String, fingerprint: String, references: Int) {
        (self.export, self.dimension, self.network) = (export, dimension, network)
        (self.fingerprint, self.references) = (fingerprint, references)
    }

    /// The settings of a gallery that can hold these references.
    package var settings: StoreSettings {
        StoreSettings(dimension: dimension, networkName: network, networkFingerprint: fingerprint)
    }

    /// What the network is, where the file says so.
    package var identity: NetworkIdentity? {
        networkFacts.flatMap { NetworkIdentity(text: $0, recordedAs: fingerprint) }
    }

    /// Why this is no header that a file of this version has; nil if it is.
    package var fault: String? {
        if format != Self.format { return "is not an export of references" }
        if version != Self.version {
            return "has version \(version), but this program knows only \(Self.version)"
        }
        guard export.utf8.count == 32, export.utf8.allSatisfy({ hexadecimalValue($0) != nil }) else {
            return "has no valid export id"
        }
        guard StoreSettings.dimensions.contains(dimension), dimension.isMultiple(of: 4) else {
            return "has templates of \(dimension) numbers; a multiple of 4 from 16 to 2048 is needed"
        }
        guard 1...255 ~= network.utf8.count, 1...255 ~= fingerprint.utf8.count else {
            return "does not name the network of its templates"
        }
        if networkFacts != nil, identity == nil { return "has facts of another network than its fingerprint" }
        return references < 0 ? "has a number of references below 0" : nil
    }
}

/// A reference with all that a gallery keeps of it.
package struct FileReference: Equatable, Sendable {
    package var subject: String
    /// Its number in the gallery it was written from.
    package var id: ReferenceID
    package var source: String
    /// Seconds since 1970-01-01 00:00 UTC.
    package var enrolled: Double
    package var quality: ReferenceQuality?
    package var sourceDigest: [UInt8]?
    package var metadata: [String: String] = [:]
    package var template: [Float]

    /// Collects the parts.
    package init(_ reference: Reference, subject: String, template: [Float]) {
        (self.subject, id, source) = (subject, reference.id, reference.source)
        (enrolled, quality, sourceDigest) = (reference.enrolled, reference.quality, reference.sourceDigest)
        metadata = reference.metadata
        self.template = template
    }

    package init(
        subject: String, id: ReferenceID, source: String, enrolled: Double, quality: ReferenceQuality?,
        sourceDigest: [UInt8]?, metadata: [String: String], template: [Float]
    ) {
        (self.subject, self.id, self.source, self.enrolled) = (subject, id, source, enrolled)
        (self.quality, self.sourceDigest, self.template) = (quality, sourceDigest, template)
        self.metadata = metadata
    }

    /// The reference as it is enrolled.
    package var new: NewReference {
        NewReference(
            subject: subject, source: source, sourceDigest: sourceDigest, quality: quality,
            enrolled: enrolled, metadata: metadata, template: template)
    }
}

/// Takes references one by one; the file appears only when it is finished.
package protocol ReferenceWriter {
    func append(_ reference: FileReference) throws(VectorFileError)
    func finish() throws(VectorFileError)
}

/// Gives references one by one.
package protocol ReferenceReader {
    var header: ReferenceFileHeader { get }
    /// The next reference, checked; nil behind the last that the header promised.
    func next() throws(VectorFileError) -> FileReference?
}

func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

extension FileReference {
    /// Why a gallery of this header's settings cannot take it; nil if it can.
    package func fault(_ header: ReferenceFileHeader) -> String? {
        if let fault = numbersFault(header) { return fault }
        do throws(StoreError) { _ = try SubjectName.canonical(subject) } catch {
            return "\(error), or rename the subject where it comes from, and export again"
        }
        if source.utf8.count > 65_535 { return "its source is longer than 65,535 bytes" }
        if let sourceDigest, sourceDigest.count != 32 { return "its digest does not have 32 bytes" }
        if let problem = NewReference.metadataProblem(metadata) { return problem }
        return nil
    }

    /// What of its numbers no gallery takes, and no file is to be written with; nil if they are good.
    func numbersFault(_ header: ReferenceFileHeader) -> String? {
        do throws(VectorProblem) { try UnitVector.check(template.span, dimension: header.dimension) } catch {
            return "its template is invalid: \(error)"
        }
        guard NewReference.times.contains(enrolled) else {
            return "its time, \(enrolled) seconds since 1970, is not possible"
        }
        return quality?.fault
    }

    /// Refuses to write what no reader would take.
    package func requireNumbers(_ header: ReferenceFileHeader, path: String) throws(VectorFileError) {
        guard let fault = numbersFault(header) else { return }
        throw .malformed(
            path: path,
            reason:
                "is not written: reference \(id) of the gallery is damaged: \(fault); check the gallery, "
                + "and remove the reference")
    }
}

extension FileReference {
    /// The metadata as one object of JSON, keys in ascending order; empty if there is none.
    package var metadataText: String {
        MetadataText.encode(metadata).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Nil where a text is no object of texts.
    package static func metadata(in text: String) -> [String: String]? {
        text.isEmpty ? [:] : MetadataText.decode(Array(text.utf8))
    }
}
