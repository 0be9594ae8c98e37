package attachment

import (
	"context"

	"gongji/app/kernel/id"
	"gongji/app/party"
)

// For lists the live attachments of an object for an actor who may view it.
func (s *Service) For(ctx context.Context, who party.Actor, ownerKind string, owner id.ID) ([]Attachment, error) {
	if err := s.access.May(ctx, who, ownerKind, owner, "view"); err != nil {
		return nil, err
	}
	return s.Of(ctx, s.db, ownerKind, owner)
}

// Listed is For where the caller has just asked the owner itself whether the
// actor may see what hangs on it.
func (s *Service) Listed(ctx context.Context, ownerKind string, owner id.ID) ([]Attachment, error) {
	return s.Of(ctx, s.db, ownerKind, owner)
}
