package archive

import (
	"context"
	"slices"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// For lists the documents of an object for an actor who may view it; the
// public ones for anybody else.
func (s *Service) For(ctx context.Context, who party.Actor, ownerKind string, owner id.ID) ([]Document, error) {
	denied := s.access.May(ctx, who, ownerKind, owner, "view")
	if denied != nil && !fault.Is(denied, fault.Forbidden) {
		return nil, denied
	}
	docs, err := s.Of(ctx, s.db, ownerKind, owner)
	if denied == nil || err != nil {
		return docs, err
	}
	return slices.DeleteFunc(docs, func(d Document) bool { return !d.Public }), nil
}

// Listed is For where the caller has just asked the owner itself; only the
// public documents with publicOnly.
func (s *Service) Listed(ctx context.Context, ownerKind string, owner id.ID, publicOnly bool) ([]Document, error) {
	docs, err := s.Of(ctx, s.db, ownerKind, owner)
	if publicOnly {
		docs = slices.DeleteFunc(docs, func(d Document) bool { return !d.Public })
	}
	return docs, err
}
