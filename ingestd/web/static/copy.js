// A button that copies what stands beside it. Without TLS a browser has no clipboard for pages: then the text is
// selected, to be copied by key.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(source);
    await navigator.clipboard?.writeText(source.textContent).then(
      () => { button.textContent = button.dataset.done; },
      () => {},
    );
  });
}
