public import GalleryModel
public import Network
import TemplateStore

extension FaceGallery {
    /// Refuses references that were made by another network, or have another dimension, than the gallery's.
    ///
    /// - Parameters:
    ///   - other: the settings of the gallery that the references come from.
    ///   - identity: what their network is, where they carry it.
    /// - Throws: `.otherNetwork`, which names both, or `.wrongDimension`.
    public func requireSettings(
        _ other: StoreSettings, identity: NetworkIdentity? = nil
    ) throws(GalleryError) {
        try requireNetwork(other.networkName, recordedAs: other.networkFingerprint, identity)
        guard other.dimension == settings.dimension else {
            throw .wrongDimension(gallery: settings.dimension, given: other.dimension)
        }
    }

    /// Makes an empty gallery of these settings, for references that were exported from another.
    public static func create(at path: String, settings: StoreSettings) throws(GalleryError) {
        _ = try wrap { () throws(StoreError) in try TemplateStore.create(at: path, settings: settings) }
    }

    /// Enrols references of an export in one durable transaction, as they are: with their time, and unscaled.
    ///
    /// - Parameters:
    ///   - references: those from place `first` of the export on, in its order.
    ///   - export: the number of the export.
    ///   - first: place in the export of the first of `references`, from 0.
    /// - Throws: `.store` for a reference that no gallery can hold; then none is enrolled.
    public func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(GalleryError) -> ImportCounts {
        try wrap { () throws(StoreError) in
            try storage.importReferences(references, of: export, from: first)
        }
    }

    /// How many references of an export were taken so far; 0 where another was imported later.
    public func importedCount(of export: ExportNumber) throws(GalleryError) -> Int {
        try wrap { () throws(StoreError) in try storage.importedCount(of: export) }
    }
}
