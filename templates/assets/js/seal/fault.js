// A Fault is an error whose Chinese sentence may be shown; field, where there
// is one, names what it is about.
export class Fault extends Error {
  constructor(message, field) {
    super(message)
    this.name = 'Fault'
    this.field = field
  }
}
