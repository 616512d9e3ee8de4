/** The shop's own few lines: a basket that counts, and a button that opens the chat. */

let count = 0;
const basket = document.querySelector("[data-basket] span");

for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => {
    count += 1;
    basket.textContent = String(count);
    button.textContent = "Added";
    setTimeout(() => {
      button.textContent = "Add";
    }, 1200);
  });
}

for (const button of document.querySelectorAll("[data-chat]")) {
  button.addEventListener("click", () => {
    // Works before the widget has arrived, too.
    self.Switchboard ??= [];
    self.Switchboard.push(["open"]);
  });
}
