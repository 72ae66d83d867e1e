/** Remembers what a function made of a number; forgets everything when it knows `most` of them. */
export function memo<Value>(make: (number: number) => Value, most = 65_536): (number: number) => Value {
  const known = new Map<number, Value>();
  return (number) => {
    let value = known.get(number);
    if (value === undefined) {
      if (known.size >= most) known.clear();
      value = make(number);
      known.set(number, value);
    }
    return value;
  };
}
