// Package access lets what hangs on an object (attachments, issued documents,
// timelines) ask the object's own function whether somebody may.
package access

import (
	"context"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
)

// Check is an object's one authorisation function: nil if the actor may do the
// action ("view", "attach") to the object now, else NotFound or Forbidden.
type Check func(ctx context.Context, who party.Actor, object id.ID, action string) error

// Registry maps an object kind ("tender") to its function; app fills it.
type Registry map[string]Check

// May asks the function of the object's kind. An unknown kind does not exist.
func (r Registry) May(ctx context.Context, who party.Actor, kind string, object id.ID, action string) error {
	check, ok := r[kind]
	if !ok {
		return fault.New(fault.NotFound, "没有找到这条记录")
	}
	return check(ctx, who, object, action)
}
