/// A reference as it was found: if another process gives it another source meanwhile, it is no longer the one that was
/// meant.
public struct FoundReference: Sendable, Equatable {
    /// Its number.
    public var reference: ReferenceID
    /// The source it had when it was found.
    public var source: String

    /// Collects the parts.
    public init(reference: ReferenceID, source: String) {
        self.reference = reference
        self.source = source
    }
}

/// A reference that is to be added, with the one that it replaces.
///
/// The two belong together: if the new one is not added, the old one stays.
public struct ReferenceAddition: Sendable {
    /// The reference to add.
    public var reference: NewReference
    /// The reference that leaves in the same transaction; it stays if its source is another one by then.
    public var replaces: FoundReference?

    /// Collects the parts.
    public init(_ reference: NewReference, replaces: FoundReference? = nil) {
        self.reference = reference
        self.replaces = replaces
    }
}

/// What became of one reference that was to be added.
public enum Addition: Sendable, Equatable {
    /// It was added under this id, and this other reference was removed for it.
    case added(ReferenceID, replaced: ReferenceID? = nil)
    /// The subject has a reference of the same digest already: this one, of this source. Nothing was removed.
    case present(ReferenceID, source: String)
}

/// What is noted about a reference from now on.
public struct ReferenceUpdate: Sendable, Equatable {
    /// The reference.
    public var reference: ReferenceID
    /// In the place of the metadata it had.
    public var metadata: [String: String]
    /// In the place of the stamp it had.
    public var stamp: SourceStamp?
    /// Where its source is now, if that has changed.
    public var move: SourceMove?

    /// Collects the parts.
    public init(
        reference: ReferenceID, metadata: [String: String], stamp: SourceStamp?, move: SourceMove? = nil
    ) {
        self.reference = reference
        self.metadata = metadata
        self.stamp = stamp
        self.move = move
    }
}

/// The move of a source to another place.
public struct SourceMove: Sendable, Equatable {
    /// The source that the reference must still have, or nothing of the update is done.
    public var from: String
    /// The source it gets.
    public var to: String
    /// The reference whose source was there before; it leaves in the same transaction, unless it has moved, too.
    public var replaces: FoundReference?

    /// Collects the parts.
    public init(from: String, to: String, replaces: FoundReference? = nil) {
        self.from = from
        self.to = to
        self.replaces = replaces
    }
}

/// What became of one update.
public enum UpdateOutcome: Sendable, Equatable {
    /// It was done, and this other reference was removed for it.
    case updated(replaced: ReferenceID? = nil)
    /// Nothing was done: the reference has this other source by now.
    case elsewhere(source: String)
    /// Nothing was done: the reference was removed.
    case gone
}

/// What became of the references of a batch.
public struct BatchOutcome: Sendable, Equatable {
    /// References that were added.
    public var added: Int
    /// References whose subject had the same template already, number for number: not added again.
    public var present: Int

    /// Collects the counts.
    public init(added: Int = 0, present: Int = 0) {
        self.added = added
        self.present = present
    }

    /// The sum of two.
    public static func + (left: Self, right: Self) -> Self {
        Self(added: left.added + right.added, present: left.present + right.present)
    }
}
