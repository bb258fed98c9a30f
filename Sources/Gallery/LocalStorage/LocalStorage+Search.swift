public import GalleryModel
import Synchronization
import TemplateStore
import VectorIndex

extension LocalStorage {
    /// Runs a question on one committed state.
    public func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        try inTransaction { transaction throws(StoreError) in
            try question(LocalReading(transaction, dimension: settings.dimension, path: path))
        }
    }

    /// Runs a question on one committed state that can be searched.
    ///
    /// An index that turns out to be wrong is made again from the store, once.
    public func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        var outcome = try ask(question)
        if case .faulty(let index, _) = outcome {
            try drop(index)
            outcome = try ask(question)
        }
        switch outcome {
        case .answered(let answer):
            background.answers.wrappingAdd(1, ordering: .relaxed)
            shareInBackground()
            return answer
        case .faulty(_, let fault): throw fault
        }
    }

    /// The outcome of a question.
    private enum Outcome<Answer> {
        case answered(Answer)
        /// The index holds what the store does not.
        case faulty(VectorIndex, StoreError)
    }

    private func ask<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Outcome<Answer> {
        let index = index
        trainInBackground(index)
        // The moment first: an index follows what is committed, so it is never ahead of a state begun later.
        let moment = index.moment
        let outcome = try inTransaction { transaction throws(StoreError) -> Outcome<Answer>? in
            let position = IndexPosition(try LocalReading.Reader(transaction: transaction).position)
            guard position == moment.position else { return nil }
            return try ask(question, transaction, index, moment)
        }
        if let outcome { return outcome }
        return try withFollowedIndex { transaction, index, moment throws(StoreError) in
            try ask(question, transaction, index, moment)
        }
    }

    private func ask<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer, _ transaction: StoreTransaction,
        _ index: VectorIndex, _ moment: IndexMoment
    ) throws(StoreError) -> Outcome<Answer> {
        let state = LocalSearching(transaction, moment, dimension: settings.dimension, path: path)
        do throws(StoreError) { return .answered(try question(state)) } catch {
            if let fault = state.fault { return .faulty(index, fault) }
            throw error
        }
    }
}
