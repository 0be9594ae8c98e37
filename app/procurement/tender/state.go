package tender

import (
	"slices"

	"gongji/app/kernel/fault"
)

// State is where a purchase stands.
type State string

// The states. Closed is never stored: StateAt derives it from the deadline.
const (
	Draft      State = "draft"
	Review     State = "review"
	Open       State = "open"
	Closed     State = "closed"
	Opened     State = "opened"
	Failed     State = "failed"
	Evaluating State = "evaluating"
	Evaluated  State = "evaluated"
	Decided    State = "decided"
	Awarded    State = "awarded"
	Contracted State = "contracted"
	Completed  State = "completed"
	Cancelled  State = "cancelled"
)

// names are what people read; a word never means two things.
var names = map[State]string{
	Draft: "草稿", Review: "待审批", Open: "投标中", Closed: "已截止，待开标", Opened: "已开标", Failed: "采购失败",
	Evaluating: "评审中", Evaluated: "待定标", Decided: "结果待审批", Awarded: "已公布结果", Contracted: "已签合同",
	Completed: "已完成", Cancelled: "已取消",
}

// Name is the state in Chinese.
func (s State) Name() string { return names[s] }

// PublicStates are the states the public can see, in the order of a purchase's life.
var PublicStates = []State{Open, Closed, Opened, Evaluating, Evaluated, Decided, Awarded, Contracted, Completed, Failed, Cancelled}

// moves is every step a stored state may take. Who takes it, and when, is
// decided by the package that calls Advance.
var moves = map[State][]State{
	Draft:      {Review},
	Review:     {Draft, Open},
	Open:       {Opened, Failed, Cancelled},
	Opened:     {Evaluating, Failed, Cancelled},
	Evaluating: {Evaluated, Failed, Cancelled},
	Evaluated:  {Decided, Evaluating, Failed, Cancelled},
	Decided:    {Awarded, Evaluated, Failed, Cancelled},
	Awarded:    {Contracted, Evaluated, Failed}, // back where a 质疑 took the award away
	Contracted: {Completed, Evaluated, Failed},  // back where a 质疑 or a 投诉 took the contract away
}

// CanMove reports whether a state may be followed by another.
func CanMove(from, to State) bool { return slices.Contains(moves[from], to) }

func move(from, to State) error {
	if CanMove(from, to) {
		return nil
	}
	return fault.New(fault.Conflict, "采购项目现在是“%s”，不能变为“%s”，请刷新页面看看它的最新进展", from.Name(), to.Name())
}
