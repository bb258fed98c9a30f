import Network
import TestSupport
import Testing
import Training
import Wire

/// docs/json.md and the types of the lines say the same.
@Suite("The page of JSON")
struct JSONPageTests {
    /// The type of each table.
    private static let types: [String: any (Codable & Sendable).Type] = [
        "AnswerRecord": AnswerRecord.self, "CandidateRecord": CandidateRecord.self,
        "FaceRecord": FaceRecord.self, "WarningRecord": WarningRecord.self,
        "VerificationRecord": VerificationRecord.self,
        "PhotoWarnings": VerificationRecord.PhotoWarnings.self, "EmbeddingRecord": EmbeddingRecord.self,
        "EnrollmentRecord": EnrollmentRecord.self, "TemplateRefusalRecord": TemplateRefusalRecord.self,
        "EnrollmentProgressRecord": EnrollmentProgressRecord.self,
        "EnrollmentSummaryRecord": EnrollmentSummaryRecord.self,
        "PassedOver": EnrollmentSummaryRecord.PassedOver.self, "SubjectRecord": SubjectRecord.self,
        "ReferenceRecord": ReferenceRecord.self, "QualityRecord": QualityRecord.self,
        "StatisticsRecord": StatisticsRecord.self, "Migration": StatisticsRecord.Migration.self,
        "Chips": StatisticsRecord.Chips.self, "Index": StatisticsRecord.Index.self,
        "CalibratedLoss": StatisticsRecord.Index.CalibratedLoss.self, "CheckRecord": CheckRecord.self,
        "DuplicatePairRecord": DuplicatePairRecord.self, "Side": DuplicatePairRecord.Side.self,
        "AuditFindingRecord": AuditFindingRecord.self, "SnapshotRecord": SnapshotRecord.self,
        "CompactionRecord": CompactionRecord.self, "ImportRecord": ImportRecord.self,
        "MissingReferenceRecord": MissingReferenceRecord.self,
        "MigrationProgressRecord": MigrationProgressRecord.self,
        "MigrationSummaryRecord": MigrationSummaryRecord.self, "NetworkRecord": NetworkRecord.self,
        "LayerRecord": LayerRecord.self, "ArchitectureRecord": ArchitectureRecord.self,
        "NetworkExportRecord": NetworkExportRecord.self, "NetworkRemovalRecord": NetworkRemovalRecord.self,
        "NetworkCard": NetworkCard.self, "Input": NetworkCard.Input.self,
        "Alignment": NetworkCard.Alignment.self, "Weights": NetworkCard.Weights.self,
        "Threshold": NetworkCard.Threshold.self, "Identification": NetworkCard.Identification.self,
        "Training": NetworkCard.Training.self, "Initial": NetworkCard.Training.Initial.self,
        "TrainingSettings": TrainingLogLine.self, "EpochRecord": TrainingLogLine.self,
        "ValidationFigures": ValidationFigures.self, "TrainingEnd": TrainingLogLine.self,
        "EvaluationRecord": EvaluationRecord.self,
        "EvaluatedSearchesRecord": EvaluatedSearchesRecord.self, "HitRateRecord": HitRateRecord.self,
        "OperatingPointRecord": OperatingPointRecord.self, "TradeOffRecord": TradeOffRecord.self,
        "EvaluationDetailsRecord": EvaluationDetailsRecord.self, "GallerySizeRecord": GallerySizeRecord.self,
        "ReferenceVariantRecord": ReferenceVariantRecord.self,
        "EvaluatedGroupsRecord": EvaluatedGroupsRecord.self, "EvaluatedGroupRecord": EvaluatedGroupRecord.self,
        "WorstSearchRecord": WorstSearchRecord.self, "PairEvaluationRecord": PairEvaluationRecord.self,
        "MatchRateRecord": MatchRateRecord.self, "CalibrationRecord": CalibrationRecord.self,
        "RecallRecord": RecallRecord.self,
        "SetupRecord": SetupRecord.self, "AnswerFailureRecord": AnswerFailureRecord.self,
        "FailureRecord": FailureRecord.self, "SortedPhotoRecord": SortedPhotoRecord.self,
        "Place": SortedPhotoRecord.Place.self, "SubjectChangeRecord": SubjectChangeRecord.self,
        "DecisionSettingsRecord": DecisionSettingsRecord.self, "ClusteredFaceRecord": ClusteredFaceRecord.self,
        "ProblemRecord": ProblemRecord.self,
        "IdentificationRecord": IdentificationRecord.self, "ProbeRefusalRecord": ProbeRefusalRecord.self,
        "ComparisonRecord": ComparisonRecord.self, "FacesRecord": FacesRecord.self,
        "Item": FacesRecord.Item.self, "GalleryRecord": GalleryRecord.self,
        "GalleryListRecord": GalleryListRecord.self, "SubjectPageRecord": SubjectPageRecord.self,
        "SubjectDetailRecord": SubjectDetailRecord.self, "ChangeRecord": ChangeRecord.self,
        "HealthRecord": HealthRecord.self, "KeyRecord": KeyRecord.self,
        "KeyRevocationRecord": KeyRevocationRecord.self,
    ]
    private let page: JSONPage

    init() throws { page = try JSONPage() }

    /// What is left of a value after it was read as a type and written again.
    private func again(_ value: JSONValue, as type: String) throws -> JSONValue {
        func read<Value: Codable>(_ type: Value.Type) throws -> JSONValue {
            let record = try WireFormat.decode(type, from: WireFormat.line(value))
            return try WireFormat.decode(JSONValue.self, from: WireFormat.line(record))
        }
        let known = try #require(Self.types[type], "the page's table \(type) is of no known type")
        return try read(known)
    }

    @Test("has a table for every type, and a type for every table")
    func sameTypes() { #expect(Set(page.tables.keys) == Set(Self.types.keys)) }

    @Test("documents keys that its types have, with values that they take", arguments: types.keys.sorted())
    func keys(type: String) throws {
        let sample = page.sample(of: type)
        #expect(try again(sample, as: type) == sample)
        #expect(page.faults(of: sample, as: "`\(type)`").isEmpty)
    }

    @Test("says which keys may be left out; unknown ones are ignored", arguments: types.keys.sorted())
    func leftOut(type: String) throws {
        guard case .object(let whole) = page.sample(of: type), let keys = page.tables[type] else { return }
        let optional = Set(keys.filter { !$0.isAlways || $0.type.hasSuffix("null") }.map(\.name))
        var least = whole.filter { !optional.contains($0.key) }
        let later = least.merging(["aKeyOfALaterVersion": .list([.null])]) { $1 }
        for key in keys where key.type.hasSuffix("null") { least[key.name] = .null }
        #expect(try again(.object(later), as: type) == .object(least))
        // A line without a key that is never left out is none. (A log of an earlier version may lack settings.)
        guard type != "TrainingSettings" else { return }
        for key in keys where key.isAlways && !key.type.hasSuffix("null") && key.name != "event" {
            var broken = whole
            broken[key.name] = nil
            #expect(throws: DecodingError.self, "\(type) without \(key.name)") {
                try again(.object(broken), as: type)
            }
        }
    }

    @Test("shows lines that programs have printed, byte for byte as they are written again")
    func examples() throws {
        #expect(page.examples.count >= 25)
        for (type, line) in page.examples {
            let value = try WireFormat.decode(JSONValue.self, from: line.utf8)
            #expect(page.faults(of: value, as: "`\(type)`") == [], "\(type)")
            let known = try #require(Self.types[type], "\(line)")
            func written<Value: Codable>(_ type: Value.Type) throws -> String {
                let value = try WireFormat.decode(type, from: line.utf8)
                return String(decoding: try WireFormat.line(value).dropLast(), as: UTF8.self)
            }
            #expect(try written(known) == line)
        }
    }

    @Test("shows lines that are told apart without knowing their kind")
    func kinds() throws {
        for (type, line) in page.examples {
            func kind<Line: Codable>(_ line: Line) -> String {
                Mirror(reflecting: line).children.first.map { "\(Swift.type(of: $0.value))" } ?? ""
            }
            if ["TemplateRefusalRecord"].contains(type) || type.hasPrefix("Enrollment") {
                #expect(kind(try WireFormat.decode(EnrollmentLine.self, from: line.utf8)) == type)
            } else if type == "MissingReferenceRecord" || type.hasPrefix("Migration") {
                #expect(kind(try WireFormat.decode(MigrationLine.self, from: line.utf8)) == type)
            } else if ["NetworkRecord", "ArchitectureRecord"].contains(type) {
                #expect(kind(try WireFormat.decode(NetworkLine.self, from: line.utf8)) == type)
            }
        }
    }
}
