package edge

// Doc describes an API route for the OpenAPI document.
type Doc struct {
	ID      string // operationId; "" makes one of the method and the path
	Summary string // Chinese, a few words
	Tag     string // the group it is shown in
	In      any    // value of the JSON body's type; nil for none
	Upload  bool   // the body is multipart/form-data with files, or raw bytes
	Query   any    // value of a struct with `query` tags; nil for none
	Out     any    // value of the answer's type; nil for none
	OutKind string // content type of an answer that is not JSON ("application/pdf")
	Status  int    // of success; 0 is 200, or 204 where there is nothing to answer
	Errors  []int  // statuses beside those every route can have
	Public  bool   // needs no token
}

// Info is the head of the OpenAPI document.
type Info struct {
	Title, Version, Description string
}
