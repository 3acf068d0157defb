/* The plan under the mouse, the finger and the keyboard: whatever moves writes into the number fields, which are the form. */
(() => {
  "use strict";
  const CELL = 20, GRID = 200;
  const plan = document.getElementById("layout");
  if (!plan) return;
  const live = document.getElementById("live");
  const rooms = [...plan.querySelectorAll(".room")].map((node) => {
    const field = (name) => document.getElementById(`id_${name}-${node.dataset.room}`);
    return { node, code: node.dataset.code, fields: { x: field("x"), y: field("y"), w: field("w"), h: field("h") } };
  }).filter((room) => Object.values(room.fields).every(Boolean));

  const read = (room) => {
    const box = {};
    for (const [name, field] of Object.entries(room.fields)) {
      box[name] = Number.parseInt(field.value, 10);
      if (Number.isNaN(box[name])) return null;
    }
    return box;
  };
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
  const meets = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

  const judge = () => {
    const boxes = rooms.map(read);
    rooms.forEach((room, at) => {
      room.wrong = Boolean(boxes[at]) && boxes.some((other, index) => index !== at && other && meets(boxes[at], other));
      room.node.classList.toggle("wrong", room.wrong);
    });
  };

  const draw = (room) => {
    const box = read(room);
    room.node.toggleAttribute("hidden", !box);
    if (!box) return;
    const [rect, text] = [room.node.querySelector("rect"), room.node.querySelector("text")];
    rect.setAttribute("x", box.x * CELL);
    rect.setAttribute("y", box.y * CELL);
    rect.setAttribute("width", Math.max(box.w, 1) * CELL);
    rect.setAttribute("height", Math.max(box.h, 1) * CELL);
    text.setAttribute("x", box.x * CELL + 6);
    text.setAttribute("y", box.y * CELL + 18);
    room.grip.setAttribute("x", (box.x + box.w) * CELL - 9);
    room.grip.setAttribute("y", (box.y + box.h) * CELL - 9);
    const words = plan.dataset.moved.replace(/%\((\w+)\)s/g, (_all, name) => (name === "code" ? room.code : box[name]));
    room.node.setAttribute("aria-label", words);
    return words;
  };

  const put = (room, box) => {
    const w = clamp(box.w, 1, GRID), h = clamp(box.h, 1, GRID);
    const next = { w, h, x: clamp(box.x, 0, GRID - w), y: clamp(box.y, 0, GRID - h) };
    for (const [name, value] of Object.entries(next)) room.fields[name].value = value;
    const words = draw(room);
    judge();
    return room.wrong ? `${words} ${plan.dataset.wrong}` : words;
  };
  const say = (words) => { if (live) live.textContent = words; };

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const point = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plan.getScreenCTM().inverse());
    return { x: at.x / CELL, y: at.y / CELL };
  };

  plan.setAttribute("role", "group");
  rooms.forEach((room) => {
    const { node } = room;
    room.grip = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    room.grip.setAttribute("class", "grip");
    room.grip.setAttribute("width", "9");
    room.grip.setAttribute("height", "9");
    node.append(room.grip);
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");

    node.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key], box = read(room);
      if (!arrow || !box || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const [right, down] = arrow;
      say(put(room, event.shiftKey
        ? { ...box, w: box.w + right, h: box.h + down }
        : { ...box, x: box.x + right, y: box.y + down }));
    });

    node.addEventListener("pointerdown", (event) => {
      const box = read(room);
      if (event.button !== 0 || !box) return;
      event.preventDefault();
      node.focus({ preventScroll: true });
      node.setPointerCapture(event.pointerId);
      node.classList.add("held");
      room.held = { box, from: point(event), sizing: event.target === room.grip };
    });
    node.addEventListener("pointermove", (event) => {
      if (!room.held) return;
      const { box, from, sizing } = room.held, now = point(event);
      const right = Math.round(now.x - from.x), down = Math.round(now.y - from.y);
      put(room, sizing ? { ...box, w: box.w + right, h: box.h + down } : { ...box, x: box.x + right, y: box.y + down });
    });
    const release = () => {
      if (!room.held) return;
      room.held = null;
      node.classList.remove("held");
      say(node.getAttribute("aria-label"));
    };
    node.addEventListener("pointerup", release);
    node.addEventListener("pointercancel", release);
    Object.values(room.fields).forEach((field) => field.addEventListener("input", () => { draw(room); judge(); }));
    draw(room);
  });
  judge();
})();
