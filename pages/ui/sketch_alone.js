// A sheet that stands by itself on a page, and tells the script.

export default function (component) {
  const { parentElement: parent } = component;
  parent.sketch ??= new Sketch(parent);
  parent.sketch.update(component);
}
