package import GalleryModel

/// Probes whose person is known, with their templates.
///
/// Memory: the template (512 bytes of 128 numbers) and the label of each.
package struct ProbeSet: Sendable {
    /// A probe.
    package struct Probe: Sendable {
        /// What a user knows it by: the photo's path or the row of a file.
        package let label: String
        /// Whom it shows; nil for a stranger without a name.
        package let person: String?
        /// Its row among the templates; nil if no template could be made.
        package let row: Int?
    }

    /// Numbers in a template.
    package let dimension: Int
    package private(set) var probes: [Probe] = []
    private var templates: [Float] = []

    /// No probe yet.
    package init(dimension: Int) { self.dimension = dimension }

    /// Adds a probe; a template of nil is a failure to acquire, which counts as a search that failed.
    ///
    /// - Throws: `VectorProblem` for a template that is zero, not finite or of another dimension, which is then counted
    ///   as a failure to acquire.
    package mutating func add(
        _ label: String, person: String?, template: [Float]?
    ) throws(VectorProblem) {
        guard var template else {
            probes.append(Probe(label: label, person: person, row: nil))
            return
        }
        do throws(VectorProblem) {
            try UnitVector.normalise(&template)
            try UnitVector.check(template.span, dimension: dimension)
        } catch {
            probes.append(Probe(label: label, person: person, row: nil))
            throw error
        }
        probes.append(Probe(label: label, person: person, row: templates.count / dimension))
        templates += template
    }

    /// Probes without a template.
    package var notAcquired: Int { probes.count { $0.row == nil } }

    /// The template of a row.
    package func template(_ row: Int) -> ArraySlice<Float> {
        templates[row * dimension..<(row + 1) * dimension]
    }
}
