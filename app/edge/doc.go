package edge

// Doc describes an API route for the OpenAPI document.
type Doc struct {
	ID      string // operationId; "" makes one of the method and path
	Summary string // Chinese, a few words
	Tag     string
	In      any // zero value of the JSON body's struct; nil for none
	Out     any // zero value of the answer; nil for none
	Query   any // zero value of a struct with query tags; nil for none
	Status  int // of success; 0 is 200
	Errors  []int
	// Public routes need no token.
	Public bool
}
